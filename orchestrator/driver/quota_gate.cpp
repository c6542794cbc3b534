// SPDX-License-Identifier: MIT
#include "driver/quota_gate.hpp"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/text.hpp"

namespace konductor::driver {

using boost::asio::experimental::awaitable_operators::operator||;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kFirstWait = std::chrono::seconds(5);
constexpr milliseconds kLongestWait = std::chrono::minutes(5);
// No provider's limit lasts longer; a later time is a mistake.
constexpr milliseconds kLongestBelieved = std::chrono::hours(24 * 32);
// An agent that is refused says so within this time.
constexpr milliseconds kTrial = std::chrono::minutes(1);
// How often a waiting attempt looks: others may open the gate, and the wall clock may be set.
constexpr milliseconds kLook = std::chrono::seconds(1);

milliseconds backoff(int refusals) {
  constexpr int kDoublingsMax = 6;
  const int doublings = std::clamp(refusals - 1, 0, kDoublingsMax);
  return std::min(kLongestWait, kFirstWait * (1 << doublings));
}

}  // namespace

QuotaGate::QuotaGate(ports::Clock& clock, StopSignal& stop, milliseconds wait_max)
    : clock_(clock), stop_(stop), wait_max_(wait_max) {}

std::optional<std::int64_t> QuotaGate::hold(const std::string& runtime,
                                            std::optional<std::int64_t> retry_at) {
  const std::int64_t now = clock_.wall_milliseconds();
  const auto [place, is_new] = holds_.try_emplace(runtime);
  Hold& hold = place->second;
  if (is_new) hold.since = now;
  const bool is_known = hold.until > now;
  if (!is_known) ++hold.refusals;
  const bool is_told = retry_at && *retry_at > now && *retry_at - now < kLongestBelieved.count();
  if (is_known && !is_told) return std::nullopt;
  const std::int64_t before = hold.until;
  hold.until = std::max(before, is_told ? *retry_at : now + backoff(hold.refusals).count());
  return hold.until == before ? std::nullopt : std::optional(hold.until);
}

void QuotaGate::reopen(const std::string& runtime) {
  const auto found = holds_.find(runtime);
  // A success that began before the limit was met says nothing about now.
  if (found != holds_.end() && found->second.until <= clock_.wall_milliseconds())
    holds_.erase(found);
}

ports::Task<Result<void>> QuotaGate::pass(std::string runtime) {
  while (stop_.level() == StopLevel::none) {
    const auto found = holds_.find(runtime);
    if (found == holds_.end()) break;
    Hold& hold = found->second;
    const std::int64_t now = clock_.wall_milliseconds();
    if (wait_max_.count() != 0 && hold.until - hold.since > wait_max_.count())
      co_return Error{ErrorCode::limit_reached,
                      "runtime " + quote(runtime) +
                          " stays at its provider's limit for longer than limits.max_wait "
                          "(--max-wait); run again later to go on"};
    const bool is_tried = hold.tried >= hold.until;
    if (now >= hold.until && (!is_tried || now - hold.tried >= kTrial.count())) {
      hold.tried = now;
      break;
    }
    const milliseconds left(std::max<std::int64_t>(1, hold.until - now));
    const auto wake = clock_.steady_now() + (now < hold.until ? std::min(left, kLook) : kLook);
    co_await (clock_.sleep_until(wake) || stop_.reached(StopLevel::polite));
  }
  co_return Result<void>();
}

}  // namespace konductor::driver
