// SPDX-License-Identifier: MIT
#include "driver/memory_gate.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <chrono>

namespace konductor::driver {

using boost::asio::experimental::awaitable_operators::operator||;

namespace {

// Memory comes free without a sign, and other programs take it.
constexpr std::chrono::seconds kLookAgain{1};

// A turn in the queue, also when the coroutine that waits is cancelled.
class Turn {
 public:
  explicit Turn(std::shared_ptr<std::list<int>> queue)
      : queue_(std::move(queue)), at_(queue_->insert(queue_->end(), 0)) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { queue_->erase(at_); }
  [[nodiscard]] bool is_first() const { return at_ == queue_->begin(); }

 private:
  std::shared_ptr<std::list<int>> queue_;
  std::list<int>::iterator at_;
};

}  // namespace

std::uint64_t memory_needed(std::uint64_t per_attempt, const std::vector<std::uint64_t>& held) {
  std::uint64_t needed = per_attempt;
  for (const std::uint64_t bytes : held)
    if (bytes < per_attempt) needed += per_attempt - bytes;
  return needed;
}

std::optional<MemoryGate::Shortage> MemoryGate::shortage() const {
  if (per_attempt_ == 0 || !available_ || running_->empty()) return std::nullopt;
  Shortage now;
  now.available = available_();
  if (now.available == 0) return std::nullopt;
  // Where there is enough for all of them anyhow, nobody is asked.
  std::vector<std::uint64_t> held(running_->size(), 0);
  if (now.available >= memory_needed(per_attempt_, held)) return std::nullopt;
  held.clear();
  for (const ports::Process* process : *running_)
    held.push_back(process == nullptr ? 0 : process->memory());
  now.needed = memory_needed(per_attempt_, held);
  if (now.available >= now.needed) return std::nullopt;
  return now;
}

ports::Task<std::unique_ptr<MemoryGate::Place>> MemoryGate::pass(TellShortage tell,
                                                                 const StopSignal* own_stop) {
  const Turn turn(queue_);
  bool is_told = false;
  while (stop_.level() == StopLevel::none &&
         (own_stop == nullptr || own_stop->level() == StopLevel::none)) {
    std::optional<Shortage> lack;
    if (turn.is_first()) {
      lack = shortage();
      if (!lack) break;
    }
    if (lack && !is_told) {
      is_told = true;
      tell(*lack);
    }
    const auto wake = clock_.steady_now() + kLookAgain;
    co_await (clock_.sleep_until(wake) || stop_.reached(StopLevel::polite));
  }
  co_return enter();
}

std::string shortage_text(MemoryGate::Shortage shortage) {
  constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20U;
  return "waits for memory: " + std::to_string(shortage.available / kMebibyte) +
         " MiB are free, and it and the attempts that run may need " +
         std::to_string(shortage.needed / kMebibyte) + " MiB (execution.memory_per_attempt)";
}

}  // namespace konductor::driver
