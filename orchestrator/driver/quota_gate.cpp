// SPDX-License-Identifier: MIT
#include "driver/quota_gate.hpp"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <limits>

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
// After a limit twice as many attempts are let pass every second, for so many seconds.
constexpr std::int64_t kRampSeconds = 8;
constexpr std::int64_t kSecond = 1000;

milliseconds backoff(int refusals) {
  constexpr int kDoublingsMax = 6;
  const int doublings = std::clamp(refusals - 1, 0, kDoublingsMax);
  return std::min(kLongestWait, kFirstWait * (1 << doublings));
}

}  // namespace

QuotaGate::QuotaGate(ports::Clock& clock, StopSignal& stop, SharedLimits shared,
                     milliseconds wait_max)
    : clock_(clock),
      stop_(stop),
      shared_(std::move(shared)),
      wait_max_(wait_max),
      time_(clock.wall_milliseconds()),
      time_at_(clock.steady_now()) {}

std::int64_t QuotaGate::now() const {
  const auto passed = std::chrono::duration_cast<milliseconds>(clock_.steady_now() - time_at_);
  time_at_ += passed;
  time_ = std::max(clock_.wall_milliseconds(), time_ + passed.count());
  return time_;
}

std::optional<std::int64_t> QuotaGate::hold(const std::string& account,
                                            std::optional<std::int64_t> retry_at) {
  const std::int64_t now = this->now();
  if (retry_at) *retry_at += ahead();
  const auto [place, is_new] = holds_.try_emplace(account);
  Hold& hold = place->second;
  if (is_new || hold.reopened != 0) {
    hold = Hold();
    hold.since = now;
  }
  const bool is_known = hold.until > now;
  if (!is_known) ++hold.refusals;
  const bool is_told = retry_at && *retry_at > now && *retry_at - now < kLongestBelieved.count();
  if (is_known && !is_told) return std::nullopt;
  const std::int64_t before = hold.until;
  hold.until = std::max(before, is_told ? *retry_at : now + backoff(hold.refusals).count());
  if (hold.until == before) return std::nullopt;
  hold.told = hold.until - ahead();
  if (const Result<void> told = shared_.tell(account, hold.told); told.has_error())
    untold_ = told.error().message;
  return hold.told;
}

void QuotaGate::reopen(const std::string& account) {
  const auto found = holds_.find(account);
  const std::int64_t now = this->now();
  // A success that began before the limit was met says nothing about now.
  if (found == holds_.end() || found->second.until > now || found->second.reopened != 0) return;
  found->second.reopened = now;
  shared_.withdraw(account, now);
}

// How many attempts may have been let pass by now.
std::int64_t QuotaGate::admissions(const Hold& hold, std::int64_t now) {
  const std::int64_t seconds = std::max<std::int64_t>(0, (now - hold.reopened) / kSecond);
  return seconds >= kRampSeconds ? std::numeric_limits<std::int64_t>::max()
                                 : std::int64_t{2} << seconds;
}

bool QuotaGate::is_open(const Hold& hold, std::int64_t now) {
  if (hold.reopened != 0) return hold.admitted < admissions(hold, now);
  const bool is_tried = hold.tried >= hold.until;
  return now >= hold.until && (!is_tried || now - hold.tried >= kTrial.count());
}

// What other engines have met holds here too.
void QuotaGate::learn(const std::string& account) {
  const std::int64_t now = this->now();
  std::optional<std::int64_t> until = shared_.until(account);
  const auto known = holds_.find(account);
  // Its own word, which would come true once more after the clock was set back.
  if (until && known != holds_.end() && known->second.told == *until) return;
  if (until) *until += ahead();
  if (!until || *until <= now || *until - now >= kLongestBelieved.count()) return;
  const auto [place, is_new] = holds_.try_emplace(account);
  Hold& hold = place->second;
  if (is_new || hold.reopened != 0) {
    hold = Hold();
    hold.since = now;
  }
  hold.until = std::max(hold.until, *until);
}

bool QuotaGate::try_pass(const std::string& account) {
  const auto found = holds_.find(account);
  if (found == holds_.end()) return true;
  Hold& hold = found->second;
  const std::int64_t now = this->now();
  if (!is_open(hold, now)) return false;
  if (hold.reopened == 0)
    hold.tried = now;
  else if (now - hold.reopened >= kRampSeconds * kSecond)
    holds_.erase(found);
  else
    ++hold.admitted;
  return true;
}

bool QuotaGate::waits_too_long(const std::string& account) const {
  const auto found = holds_.find(account);
  if (wait_max_.count() == 0 || found == holds_.end()) return false;
  const Hold& hold = found->second;
  return hold.until > now() && hold.until - hold.since > wait_max_.count();
}

milliseconds QuotaGate::look_again_in(const std::vector<std::string>& accounts) const {
  milliseconds wait = kLook;
  const std::int64_t now = this->now();
  for (const std::string& account : accounts)
    if (const auto found = holds_.find(account); found != holds_.end() && found->second.until > now)
      wait = std::min(wait, milliseconds(found->second.until - now));
  return wait;
}

std::size_t QuotaGate::likely(const std::vector<std::string>& accounts) const {
  const std::int64_t now = this->now();
  for (std::size_t n = 0; n < accounts.size(); ++n) {
    const auto found = holds_.find(accounts[n]);
    if (found == holds_.end() || is_open(found->second, now)) return n;
  }
  return 0;
}

ports::Task<Result<std::size_t>> QuotaGate::pass(std::vector<std::string> accounts,
                                                 const StopSignal* own_stop) {
  const auto is_stopped = [this, own_stop] {
    return stop_.level() != StopLevel::none ||
           (own_stop != nullptr && own_stop->level() != StopLevel::none);
  };
  while (!is_stopped()) {
    for (std::size_t n = 0; n < accounts.size(); ++n) {
      learn(accounts[n]);
      if (!waits_too_long(accounts[n]) && try_pass(accounts[n])) co_return n;
    }
    const bool is_hopeless =
        std::all_of(accounts.begin(), accounts.end(),
                    [this](const std::string& account) { return waits_too_long(account); });
    if (is_hopeless)
      co_return Error{ErrorCode::limit_reached,
                      "it stays at its provider's limit for longer than limits.max_wait "
                      "(--max-wait); run again later to go on"};
    const auto wake = clock_.steady_now() + look_again_in(accounts);
    co_await (clock_.sleep_until(wake) || stop_.reached(StopLevel::polite));
  }
  co_return std::size_t{0};
}

}  // namespace konductor::driver
