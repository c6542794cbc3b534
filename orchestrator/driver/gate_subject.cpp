// SPDX-License-Identifier: MIT
#include "driver/gate_subject.hpp"

#include "agent/summary.hpp"
#include "base/check.hpp"
#include "base/text.hpp"
#include "driver/attempt_confinement.hpp"
#include "driver/test_first.hpp"

namespace konductor::driver {

namespace {

// What the executor's newest attempt ran with.
const RoleRuntime& runtime_of(const RunFacts& facts, const engine::TaskRecord& task) {
  const std::vector<RoleRuntime>& runtimes = facts.roles.at(RoleName::executor).runtimes;
  for (const RoleRuntime& runtime : runtimes)
    if (runtime.name == task.session_runtime) return runtime;
  return runtimes.front();
}

}  // namespace

engine::Finding gate_finding(std::string source, std::string text) {
  return {"significant", std::move(source), to_valid_utf8(text)};
}

Task<Result<GateSubject>> make_gate_subject(RunShared& shared, TaskAddress address) {
  GateSubject subject;
  subject.address = address;
  subject.text = task_text(shared, address);
  subject.task = *shared.state().task(address);
  subject.tree = shared.trees.at(address.plan).get();
  subject.owes_test = !address.is_merge() && owes_test(shared, address);
  const auto accepted = subject.task.accepted.find(RoleName::executor);
  KON_CHECK(accepted != subject.task.accepted.end());
  engine::command::start_attempt command;
  command.address = address;
  command.attempt = accepted->second;
  command.reason = subject.task.reason;
  if (const auto* running =
          std::get_if<engine::plan_state::running>(&shared.state().plan(address.plan)->state);
      running != nullptr)
    command.slot = running->slot;
  const RunFacts& facts = shared.facts;
  const std::string name =
      engine::attempt_name(address, to_string(RoleName::executor), accepted->second);
  subject.paths.workspace = subject.tree->workspace.directory;
  subject.paths.directory = facts.layout.run_directory(facts.run) / name;
  subject.paths.prompt = subject.paths.directory / "prompt.md";
  if (!address.is_phase()) subject.paths.plan = subject.paths.directory / "plan.md";
  subject.paths.output = subject.paths.directory / "output.md";
  const RoleRuntime& runtime = runtime_of(facts, subject.task);
  subject.environment = attempt_environment(facts, runtime, command, subject.paths);
  auto confine = [&shared, &subject, &runtime] {
    const ConfinedWork work{RoleName::executor, runtime, subject.tree->workspace,
                            subject.paths.directory, subject.environment};
    return confinement_for(shared, work);
  };
  auto confinement = co_await offload(shared.ports.work_pool, std::move(confine));
  if (confinement.has_error()) co_return confinement.error();
  subject.confinement = std::move(confinement).value();
  Result<std::string> text = co_await shared.accepted_document(address, RoleName::executor);
  if (text.has_error()) co_return text.error();
  Result<agent::Summary> summary = agent::parse_summary(text.value());
  if (summary.has_value()) subject.deleted = summary.value().files_deleted;
  co_return subject;
}

}  // namespace konductor::driver
