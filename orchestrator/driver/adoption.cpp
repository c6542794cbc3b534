// SPDX-License-Identifier: MIT
#include "driver/adoption.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/stream_event.hpp"
#include "driver/attempt_containment.hpp"
#include "driver/attempt_record.hpp"
#include "driver/leftovers.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
using agent::text_at;
using nlohmann::json;

namespace {

json read_object(const ports::FileStore& files, const fs::path& path) {
  const Result<std::string> text = files.read(path);
  json object = text ? json::parse(text.value(), nullptr, false) : json();
  return object.is_object() ? object : json::object();
}

template <class Number>
Number number_at(const json& object, const char* key, Number fallback) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<Number>() : fallback;
}

bool is_wanted(const engine::RunState& state, const engine::RunScope& scope,
               const TaskAddress& address) {
  // The files of a merge that is being fixed are put elsewhere when its plan is opened.
  if (address.is_merge()) return false;
  if (scope.only && !(*scope.only == address)) return false;
  if (address.is_phase()) return !scope.plan && !scope.only && !scope.until_wave;
  const engine::PlanRecord& plan = *state.plan(address.plan);
  // What it was told is not what its task says now: it could only complete another task.
  if (state.task(address)->newest_text != plan.definition.fingerprint) return false;
  return engine::is_in_scope(scope, address.plan, plan);
}

class Finder {
 public:
  Finder(const RunFacts& facts, ports::ProcessLauncher& launcher, const ports::FileStore& files,
         const engine::RunState& state)
      : facts_(facts), launcher_(launcher), files_(files), state_(state) {}

  std::optional<AdoptedAttempt> find(const engine::TaskRecord& task) const {
    const auto& active = std::get<engine::state::active>(task.state);
    const RoleName role = engine::role_of(active.action);
    const std::string name = engine::attempt_name(task.address, to_string(role), active.attempt);
    AdoptedAttempt found;
    found.run = run_of_attempt(state_, active);
    found.name = name;
    AttemptPaths paths;
    paths.directory = facts_.layout.run_directory(found.run) / name;
    paths.prompt = paths.directory / "prompt.md";
    const json started = read_object(files_, attempt_record_path(paths));
    found.runtime = runtime_of(role, text_at(started, "runtime"));
    found.is_resumed = started.value("is_resumed", json()) == json(true);
    found.is_in_copy = text_at(started, "workspace") == to_string(config::ReviewWorkspace::copy);
    found.started_at = number_at<std::int64_t>(started, "started_at", 0);
    // Its files were seen in the mounts of its engine alone, whatever is configured now.
    if (started.value("is_in_overlay", json()) == json(true)) return std::nullopt;
    if (found.runtime == nullptr || found.started_at <= 0) return std::nullopt;
    if (!adopt(paths, found)) return std::nullopt;
    return found;
  }

 private:
  bool adopt(const AttemptPaths& paths, AdoptedAttempt& found) const {
    const std::optional<ProcessRecord> record = read_process_record(files_, paths);
    if (!record) return false;
    if (record->exit) return record->ended_by != "engine_died";
    // It ends with its engine, which may only be suspended.
    if (facts_.config.execution.on_engine_death == config::OnEngineDeath::stop) return false;
    ports::ProcessIdentity identity = record->identity;
    const auto cgroup = state_.cgroups().find(found.run);
    if (cgroup != state_.cgroups().end()) identity.cgroup = cgroup_in(cgroup->second, found.name);
    Result<std::unique_ptr<ports::Process>> process = launcher_.adopt(identity);
    if (process.has_value()) {
      found.process = std::move(process).value();
      return true;
    }
    // It may have ended between the two looks.
    const std::optional<ProcessRecord> now = read_process_record(files_, paths);
    return now && now->exit;
  }

  const RoleRuntime* runtime_of(RoleName role, const std::string& name) const {
    const auto resolved = facts_.roles.find(role);
    if (resolved == facts_.roles.end()) return nullptr;
    const auto& runtimes = resolved->second.runtimes;
    const auto found = std::find_if(runtimes.begin(), runtimes.end(),
                                    [&](const RoleRuntime& each) { return each.name == name; });
    return found == runtimes.end() ? nullptr : &*found;
  }

  const RunFacts& facts_;
  ports::ProcessLauncher& launcher_;
  const ports::FileStore& files_;
  const engine::RunState& state_;
};

}  // namespace

fs::path process_record_path(const AttemptPaths& paths) {
  return paths.directory / "process.json";
}

std::optional<ProcessRecord> read_process_record(const ports::FileStore& files,
                                                 const AttemptPaths& paths) {
  const json object = read_object(files, process_record_path(paths));
  ProcessRecord record;
  record.identity.pid = number_at<pid_t>(object, "pid", 0);
  record.identity.start_time = number_at<std::uint64_t>(object, "start_time", 0);
  record.identity.token = attempt_token(paths.prompt);
  if (record.identity.pid <= 0 || number_at(object, "exec_errno", 0) != 0) return std::nullopt;
  record.ended_by = text_at(object, "ended_by");
  if (object.contains("exit_code"))
    record.exit =
        ports::ProcessExit{number_at(object, "exit_code", -1), number_at(object, "signal", 0)};
  const auto duration = number_at<std::int64_t>(object, "milliseconds", -1);
  if (duration >= 0) record.duration = std::chrono::milliseconds(duration);
  record.is_out_of_memory = object.value("out_of_memory", json()) == json(true);
  return record;
}

std::optional<ports::Supervision> supervision_of(const RunFacts& facts, const AttemptPaths& paths,
                                                 std::chrono::milliseconds timeout) {
  if (facts.supervisor.empty()) return std::nullopt;
  ports::Supervision supervision;
  supervision.program = facts.supervisor.string();
  supervision.record = process_record_path(paths).string();
  // The files of an overlay are seen in the engine's own mounts alone.
  supervision.stops_on_engine_death =
      facts.config.execution.on_engine_death == config::OnEngineDeath::stop ||
      facts.config.git.overlay;
  supervision.timeout = timeout;
  supervision.grace = facts.config.execution.grace_period;
  return supervision;
}

AdoptedAttempts find_attempts_to_adopt(const RunFacts& facts, ports::ProcessLauncher& launcher,
                                       const ports::FileStore& files, const engine::RunState& state,
                                       const engine::RunScope& scope) {
  AdoptedAttempts found;
  if (facts.config.git.overlay) return found;
  const Finder finder(facts, launcher, files, state);
  for (const auto& [number, plan] : state.plans())
    for (const engine::TaskRecord* task : state.tasks_of(number)) {
      if (!std::holds_alternative<engine::state::active>(task->state)) continue;
      if (!is_wanted(state, scope, task->address)) continue;
      if (auto attempt = finder.find(*task)) found.emplace(task->address, std::move(*attempt));
    }
  return found;
}

}  // namespace konductor::driver
