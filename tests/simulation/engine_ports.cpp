// SPDX-License-Identifier: MIT
#include "simulation/engine_ports.hpp"

#include <algorithm>

namespace konductor::test {
namespace {

template <class Body>
bool holds(std::span<const engine::Event> events) {
  return std::any_of(events.begin(), events.end(), [](const engine::Event& event) {
    return std::holds_alternative<Body>(event.body);
  });
}

// Ends the process and leaves what that had started.
class CarelessProcess final : public ports::Process {
 public:
  explicit CarelessProcess(std::unique_ptr<ports::Process> process)
      : process_(std::move(process)) {}

  ports::ProcessIdentity identity() const override { return process_->identity(); }
  boost::asio::awaitable<Result<ports::ProcessExit>> wait() override { return process_->wait(); }
  void interrupt() override { process_->interrupt(); }
  void signal_tree(int signal) override { process_->signal_tree(signal); }
  boost::asio::awaitable<Result<int>> kill_tree() override { co_return 0; }
  CeilingsMet ceilings_met() const override { return process_->ceilings_met(); }
  std::uint64_t memory() const override { return process_->memory(); }
  void abandon() override { process_->abandon(); }
  std::optional<std::chrono::milliseconds> age() const override { return process_->age(); }
  std::uint64_t output_bytes() const override { return process_->output_bytes(); }
  boost::asio::awaitable<void> output_grew() override { return process_->output_grew(); }

 private:
  std::unique_ptr<ports::Process> process_;
};

}  // namespace

SeededBug& seeded_bug() {
  static SeededBug bug = SeededBug::none;
  return bug;
}

Result<void> EngineJournal::append(std::span<const engine::Event> events,
                                   std::span<const ports::Document> documents) {
  KON_TRY_VOID(fate_.before_effect());
  for (const MemoryLog::Transaction& transaction : std::exchange(late_, {}))
    KON_TRY_VOID(commit(transaction.events, transaction.documents));
  if (!events.empty() || !documents.empty()) ++acknowledged_;
  if (is_late(events)) {
    late_.push_back({{events.begin(), events.end()}, {documents.begin(), documents.end()}});
    return {};
  }
  return commit(events, documents);
}

bool EngineJournal::is_late(std::span<const engine::Event> events) const {
  return (has_bug(SeededBug::acted_before_commit) &&
          holds<engine::event::attempt_started>(events)) ||
         (has_bug(SeededBug::marker_before_event) &&
          holds<engine::event::task_completed>(events)) ||
         (has_bug(SeededBug::lost_transaction) && holds<engine::event::review_finished>(events));
}

Result<void> EngineJournal::commit(std::span<const engine::Event> events,
                                   std::span<const ports::Document> documents) {
  if (has_bug(SeededBug::unfenced_lock)) {
    log_->transactions.push_back(
        {{events.begin(), events.end()}, {documents.begin(), documents.end()}});
  } else {
    KON_TRY_VOID(journal_.append(events, documents));
  }
  look_({events.begin(), events.end()});
  return {};
}

Result<void> EngineJournal::replay(
    const std::function<Result<void>(engine::Event&&)>& visit) const {
  return journal_.replay([&visit](engine::Event&& event) -> Result<void> {
    const auto* merged = std::get_if<engine::event::merge_finished>(&event.body);
    const bool is_of_merge = (merged != nullptr && merged->result == "clean") ||
                             std::holds_alternative<engine::event::plan_completed>(event.body);
    if (is_of_merge && has_bug(SeededBug::forgotten_merge)) return {};
    return visit(std::move(event));
  });
}

Result<std::unique_ptr<ports::Process>> EngineLauncher::start(const ports::ProcessSpec& spec) {
  Result<std::unique_ptr<ports::Process>> started = launcher_.start(spec);
  if (started.has_error() || !has_bug(SeededBug::left_processes)) return started;
  return std::make_unique<CarelessProcess>(std::move(started).value());
}

Result<std::unique_ptr<ports::Process>> EngineLauncher::adopt(
    const ports::ProcessIdentity& identity) {
  if (!has_bug(SeededBug::adopted_by_pid_alone)) return launcher_.adopt(identity);
  for (const Machine::ProcessPtr& process : machine_.processes())
    if (process->is_alive() && process->call.pid == identity.pid)
      return launcher_.handle(process, false);
  return Error{ErrorCode::not_found, "the process has ended"};
}

}  // namespace konductor::test
