// SPDX-License-Identifier: MIT
#include "driver/attempt_record.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/session_usage.hpp"
#include "driver/attempt_monitor.hpp"
#include "driver/leftovers.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kRecordFile = "attempt.json";

}  // namespace

engine::Usage usage_of_attempt(const config::RuntimeSettings& runtime, const engine::Usage* before,
                               const engine::Usage& told) {
  if (before == nullptr) return agent::with_price(told, runtime);
  return agent::with_price(agent::usage_since(agent::dialect_of(runtime), *before, told), runtime);
}

fs::path attempt_record_path(const AttemptPaths& paths) {
  return paths.directory / kRecordFile;
}

Result<void> write_attempt_record(ports::FileStore& files, const Attempt& attempt,
                                  std::int64_t started_at, bool is_in_overlay) {
  nlohmann::ordered_json record;
  record["runtime"] = attempt.runtime->name;
  record["model"] = attempt.runtime->model;
  record["is_resumed"] = attempt.is_resumed;
  record["started_at"] = started_at;
  record["workspace"] = to_string(attempt.original != nullptr ? config::ReviewWorkspace::copy
                                                              : config::ReviewWorkspace::shared);
  if (is_in_overlay) record["is_in_overlay"] = true;
  if (attempt.lease) record["lease"] = *attempt.lease;
  constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
  return files.write(attempt_record_path(attempt.paths),
                     record.dump(2, ' ', false, kReplace) + "\n");
}

std::optional<std::vector<std::string>> read_lease(const ports::FileStore& files,
                                                   const fs::path& directory) {
  const Result<std::string> text = files.read(directory / kRecordFile);
  if (text.has_error()) return std::nullopt;
  const nlohmann::json record = nlohmann::json::parse(text.value(), nullptr, false);
  const auto lease = record.is_object() ? record.find("lease") : record.end();
  if (lease == record.end() || !lease->is_array()) return std::nullopt;
  std::vector<std::string> paths;
  for (const nlohmann::json& path : *lease)
    if (path.is_string()) paths.push_back(path.get<std::string>());
  return paths;
}

void add_left_record(const RunFacts& facts, const ports::FileStore& files,
                     const engine::RunState& state, engine::event::attempt_finished& finished) {
  const TaskAddress address{finished.plan, finished.task};
  const std::string name = engine::attempt_name(address, finished.role, finished.attempt);
  const engine::TaskRecord* task = state.task(address);
  const auto* active = task == nullptr ? nullptr : std::get_if<engine::state::active>(&task->state);
  if (active == nullptr) return;
  const fs::path directory = facts.layout.run_directory(run_of_attempt(state, *active)) / name;
  const std::optional<RoleName> role = parse_role_name(finished.role);
  const Result<std::string> text = files.read(directory / kRecordFile);
  if (text.has_error() || !role || facts.roles.count(*role) == 0) return;
  const nlohmann::json record = nlohmann::json::parse(text.value(), nullptr, false);
  if (!record.is_object()) return;
  const std::string runtime_name = record.value("runtime", "");
  const auto& runtimes = facts.roles.at(*role).runtimes;
  const auto runtime = std::find_if(runtimes.begin(), runtimes.end(), [&](const RoleRuntime& each) {
    return each.name == runtime_name;
  });
  if (runtime == runtimes.end()) return;
  AttemptMonitor monitor(runtime->settings, directory, {});
  const std::optional<agent::StreamReport> report = monitor.finish();
  if (!report) return;
  const bool is_resumed = record.value("is_resumed", false);
  finished.runtime = runtime->name;
  finished.model = record.value("model", "");
  finished.session = report->session;
  finished.usage = usage_of_attempt(runtime->settings, is_resumed ? &task->session_usage : nullptr,
                                    report->usage);
}

}  // namespace konductor::driver
