// SPDX-License-Identifier: MIT
#include "driver/delivery.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "driver/file_tail.hpp"
#include "driver/redaction.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

// What would lead git to another repository, or to a person.
constexpr std::array<std::string_view, 16> kLeftOut = {"GIT_DIR",
                                                       "GIT_WORK_TREE",
                                                       "GIT_INDEX_FILE",
                                                       "GIT_OBJECT_DIRECTORY",
                                                       "GIT_COMMON_DIR",
                                                       "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                                                       "GIT_PREFIX",
                                                       "GIT_NAMESPACE",
                                                       "GIT_CONFIG",
                                                       "GIT_INTERNAL_SUPER_PREFIX",
                                                       "GIT_GRAFT_FILE",
                                                       "GIT_SHALLOW_FILE",
                                                       "GIT_EDITOR",
                                                       "GIT_TERMINAL_PROMPT",
                                                       "GIT_MERGE_VERBOSITY",
                                                       "GIT_MERGE_AUTOEDIT"};

// The same in every run of the phase, so that one can end what a killed one left.
std::string token_of(const RunFacts& facts) {
  return "KONDUCTOR_DELIVERY=" + (facts.layout.home() / facts.phase.id).string();
}

// "" when it did what it should.
std::string reason_of(const std::string& command, const Supervised& ended, const fs::path& log) {
  std::string wrong;
  if (ended.cause == "cancelled")
    wrong = command + " was stopped";
  else if (ended.cause != "done")
    wrong = command + " did not end: " + ended.cause;
  else if (ended.exit.signal != 0)
    wrong = command + " was ended by signal " + std::to_string(ended.exit.signal);
  else if (ended.exit.exit_code != 0)
    wrong = command + " ended with exit " + std::to_string(ended.exit.exit_code);
  if (wrong.empty()) return wrong;
  const std::string tail(trim(tail_of_file(log, kTailBytes)));
  if (!tail.empty()) wrong += "; its output ends:\n" + tail;
  return wrong;
}

// `git commit` of {"git", "-c", "x=y", "commit", …}.
std::string command_name(const std::vector<std::string>& argv) {
  std::size_t at = 1;
  while (at + 2 < argv.size() && argv[at] == "-c")
    at += 2;
  return "`git " + (at < argv.size() ? argv[at] : "") + "`";
}

// Returns why it failed, or "".
Task<Result<std::string>> run_step(RunShared& shared, std::vector<std::string> argv,
                                   fs::path directory, fs::path log) {
  const RunFacts& facts = shared.facts;
  ports::ProcessSpec spec;
  spec.argv = std::move(argv);
  spec.environment = git_environment(facts.environment);
  spec.token = token_of(facts);
  spec.environment.push_back(spec.token);
  spec.directory = directory.string();
  spec.stdout_path = log.string();
  spec.stderr_path = log.string();
  KON_CO_TRY_VOID(shared.ports.files.make_directories(log.parent_path()));
  Result<std::unique_ptr<ports::Process>> started = shared.ports.launcher.start(spec);
  if (started.has_error()) co_return started.error().message;
  AttemptLimits limits;
  limits.timeout = facts.config.gates.verify_timeout;
  limits.grace = facts.config.execution.grace_period;
  limits.output_bytes_max = facts.config.limits.output_max;
  Result<Supervised> ended =
      co_await supervise(shared.ports.clock, *started.value(), limits, shared.stop);
  if (ended.has_error()) co_return ended.error();
  const Result<void> redacted = co_await redact_files(shared, log);
  KON_CO_TRY_VOID(redacted);
  co_return reason_of(command_name(spec.argv), ended.value(), log);
}

Task<Result<std::string>> run_work(RunShared& shared, ports::GitWork work) {
  const fs::path logs = shared.facts.layout.run_directory(shared.facts.run) / "delivery";
  int number = 0;
  for (const std::vector<std::string>& argv : work.steps) {
    const fs::path log = logs / (std::to_string(++number) + ".log");
    Result<std::string> failed = co_await run_step(shared, argv, work.directory, log);
    if (failed.has_error() || !failed.value().empty()) co_return failed;
    if (shared.stop.level() != StopLevel::none) co_return std::string("the run was stopped");
  }
  co_return std::string();
}

Task<Result<ports::Delivery>> do_work(RunShared& shared, ports::Delivery delivery) {
  ports::GitWork work = std::exchange(delivery.work, {});
  ports::Workspaces& workspaces = shared.ports.workspaces;
  Result<std::string> failed = co_await run_work(shared, std::move(work));
  if (failed.has_value() && failed.value().empty()) {
    auto again = [&workspaces] { return workspaces.deliver(); };
    Result<ports::Delivery> done = co_await offload(shared.ports.work_pool, std::move(again));
    if (done.has_error() || done.value().work.steps.empty()) co_return done;
    failed = std::string("git did what it was told, and the branch does not hold the result");
  }
  auto back = [&workspaces] { return workspaces.abandon_delivery(); };
  Result<std::string> kept = co_await offload(shared.ports.work_pool, std::move(back));
  if (failed.has_error()) co_return failed.error();
  if (kept.has_error()) co_return kept.error();
  delivery.detail = std::move(failed).value();
  if (!kept.value().empty()) delivery.detail += "\nWhat it changed is kept as " + kept.value();
  co_return delivery;
}

}  // namespace

std::vector<std::string> git_environment(const std::vector<std::string>& environment) {
  std::vector<std::string> made;
  for (const std::string& entry : environment) {
    const std::string_view name = std::string_view(entry).substr(0, entry.find('='));
    if (std::find(kLeftOut.begin(), kLeftOut.end(), name) == kLeftOut.end()) made.push_back(entry);
  }
  made.insert(made.end(), {"GIT_EDITOR=true", "GIT_TERMINAL_PROMPT=0", "GIT_MERGE_AUTOEDIT=no"});
  return made;
}

std::string_view delivery_state(const ports::Delivery& delivery, bool is_in_place) {
  if (is_in_place) return "in_place";
  if (!delivery.is_delivered) return "kept";
  switch (delivery.as) {
    case ports::DeliveredAs::fast_forward:
      return "fast_forwarded";
    case ports::DeliveredAs::merge_commit:
      return "merged";
    case ports::DeliveredAs::working_tree:
      return "working_tree";
  }
  return "kept";
}

Task<Result<ports::Delivery>> deliver_result(RunShared& shared) {
  ports::Workspaces& workspaces = shared.ports.workspaces;
  // A git program of a killed engine may still be at it.
  Result<int> swept = co_await shared.ports.launcher.sweep(token_of(shared.facts));
  if (swept.has_error()) co_return swept.error();
  auto job = [&workspaces] { return workspaces.deliver(); };
  Result<ports::Delivery> delivered = co_await offload(shared.ports.work_pool, std::move(job));
  if (delivered.has_error()) co_return delivered.error();
  ports::Delivery delivery = std::move(delivered).value();
  if (!delivery.work.steps.empty()) {
    Result<ports::Delivery> done = co_await do_work(shared, std::move(delivery));
    if (done.has_error()) co_return done.error();
    delivery = std::move(done).value();
  }
  shared.trees.clear();
  auto close = [&shared]() -> Result<void> {
    for (const auto& [number, record] : shared.state().plans())
      KON_TRY_VOID(shared.ports.workspaces.close(number));
    return {};
  };
  const Result<void> closed = co_await offload(shared.ports.work_pool, std::move(close));
  if (closed.has_error()) co_return closed.error();
  co_return delivery;
}

}  // namespace konductor::driver
