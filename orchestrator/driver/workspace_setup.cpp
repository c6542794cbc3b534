// SPDX-License-Identifier: MIT
#include "driver/workspace_setup.hpp"

#include "base/text.hpp"
#include "driver/attempt_confinement.hpp"
#include "driver/file_tail.hpp"
#include "driver/redaction.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {}  // namespace

Result<void> WorkspaceSetup::copy_files(const ports::Workspace& workspace) const {
  for (const std::string& name : shared_.facts.config.workspace.copy) {
    const fs::path from = shared_.facts.layout.root / name;
    const fs::path to = workspace.directory / name;
    std::error_code error;
    if (!fs::exists(from, error)) continue;
    fs::create_directories(to.parent_path(), error);
    fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::overwrite_existing, error);
    if (error)
      return Error{ErrorCode::environment, "workspace.copy: cannot copy " + quote(name) +
                                               " into a workspace: " + error.message()};
  }
  return {};
}

Task<Result<void>> WorkspaceSetup::run(const ports::Workspace& workspace) {
  const RunFacts& facts = shared_.facts;
  int number = 0;
  for (const std::string& command : facts.config.workspace.setup) {
    const fs::path directory = facts.layout.run_directory(facts.run) / "setup";
    const fs::path log =
        directory / (plan_text(workspace.plan) + (workspace.is_copy ? "-review-" : "-") +
                     std::to_string(++number) + ".log");
    KON_CO_TRY_VOID(shared_.ports.files.make_directories(directory));
    ports::ProcessSpec spec;
    spec.argv = {"/bin/sh", "-c", command};
    spec.environment = facts.environment;
    spec.token = "KONDUCTOR_SETUP=" + log.string();
    spec.environment.push_back(spec.token);
    spec.directory = workspace.directory.string();
    spec.stdout_path = log.string();
    spec.stderr_path = log.string();
    auto confine = [this, &workspace, &directory, &spec] {
      const RoleRuntime& runtime = shared_.facts.roles.at(RoleName::executor).runtimes.front();
      const ConfinedWork work{RoleName::executor, runtime, workspace, directory, spec.environment};
      return confinement_for(shared_, work);
    };
    auto confinement = co_await offload(shared_.ports.work_pool, std::move(confine));
    if (confinement.has_error()) co_return confinement.error();
    spec.confinement = std::move(confinement).value();
    Result<std::unique_ptr<ports::Process>> started = shared_.ports.launcher.start(spec);
    if (started.has_error()) co_return started.error().with_context("workspace.setup");
    AttemptLimits limits;
    limits.timeout = facts.config.limits.timeout;
    limits.grace = facts.config.execution.grace_period;
    limits.output_bytes_max = facts.config.limits.output_max;
    Result<Supervised> ended =
        co_await supervise(shared_.ports.clock, *started.value(), limits, shared_.stop);
    if (ended.has_error()) co_return ended.error();
    const Result<void> redacted = co_await redact_files(shared_, log);
    KON_CO_TRY_VOID(redacted);
    if (shared_.stop.level() != StopLevel::none)
      co_return Error{ErrorCode::cancelled, "stopped during workspace.setup"};
    const Supervised& result = ended.value();
    if (result.cause == "done" && result.exit.exit_code == 0) continue;
    const std::string how = result.cause != "done" ? result.cause
                            : result.exit.signal != 0
                                ? "signal " + std::to_string(result.exit.signal)
                                : "exit " + std::to_string(result.exit.exit_code);
    const std::string tail(trim(tail_of_file(log, kTailBytes)));
    co_return Error{ErrorCode::environment, "workspace.setup: " + quote(command) + " failed in " +
                                                workspace.directory.string() + " (" + how +
                                                "); see " + log.string() +
                                                (tail.empty() ? "" : "; it ends:\n" + tail)};
  }
  co_return Result<void>();
}

}  // namespace konductor::driver
