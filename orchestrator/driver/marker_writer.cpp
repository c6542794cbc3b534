// SPDX-License-Identifier: MIT
#include "driver/marker_writer.hpp"

#include <set>

#include "engine/event_json.hpp"
#include "records/markers.hpp"
#include "records/results_file.hpp"
#include "records/state_file.hpp"

namespace konductor::driver {
namespace {

bool is_completed(const engine::TaskRecord& task) {
  return std::holds_alternative<engine::state::completed>(task.state);
}

std::string file_name(records::MarkerKind kind, const TaskAddress& address) {
  return records::marker_file_name({kind, address.plan, address.task});
}

bool is_blocked(const engine::TaskRecord& task) {
  return std::holds_alternative<engine::state::blocked>(task.state);
}

void add_blocker(records::StateFile& state, const std::string& phase,
                 const engine::TaskRecord& task, const std::string& now) {
  const auto* blocked = std::get_if<engine::state::blocked>(&task.state);
  if (blocked == nullptr) return;
  records::add_blocker(state, phase, address_text(phase, task.address), blocked->reason, now);
}

// Closes what the file still calls blocked and the journal does not.
void resolve_old_blockers(records::StateFile& state, const std::string& phase,
                          const engine::RunState& run, const std::string& now) {
  std::set<std::string> blocked;
  for (const TaskAddress& address : run.blocked())
    blocked.insert(address_text(phase, address));
  if (is_blocked(run.holistic())) blocked.insert(address_text(phase, kPhaseAddress));
  std::set<std::string> resolved;
  for (const records::Blocker& blocker : state.blockers) {
    const std::string address = blocker.reason.substr(0, blocker.reason.find(": "));
    if (!blocker.resolved && blocker.phase == phase && blocked.count(address) == 0)
      resolved.insert(address);
  }
  for (const std::string& address : resolved)
    records::resolve_blockers(state, phase, address, now);
}

int completed_tasks(const engine::RunState& state, int plan) {
  int count = 0;
  for (const engine::TaskRecord* task : state.tasks_of(plan))
    if (is_completed(*task)) ++count;
  return count;
}

int counted_tasks(const engine::RunState& state, int plan) {
  int count = 0;
  for (const engine::TaskRecord* task : state.tasks_of(plan))
    if (!std::holds_alternative<engine::state::split>(task->state)) ++count;
  return count;
}

}  // namespace

std::string MarkerWriter::now_text() const {
  return engine::time_text(shared_.ports.clock.wall_milliseconds());
}

Task<Result<std::vector<std::string>>> MarkerWriter::put(std::vector<Marker> markers) {
  auto job = [this, &markers]() -> Result<std::vector<std::string>> {
    std::vector<std::string> written;
    for (const Marker& marker : markers) {
      KON_TRY_VOID(shared_.project_files->write(shared_.facts.phase.directory / marker.name,
                                                marker.text, ports::Durability::synced));
      written.push_back(marker.name);
    }
    return written;
  };
  Result<std::vector<std::string>> done = co_await offload(shared_.ports.work_pool, std::move(job));
  co_return done;
}

Task<Result<Report>> MarkerWriter::file_task(TaskAddress address) {
  const bool is_accepted = is_completed(*shared_.state().task(address));
  engine::Filed filed;
  filed.address = address;
  std::vector<Marker> markers;
  Result<std::string> summary = Error{};
  Result<std::string> spec = std::string();
  Result<std::string> quality = Error{};
  summary = co_await shared_.accepted_document(address, RoleName::executor);
  if (summary.has_error()) co_return summary.error();
  quality = co_await shared_.accepted_document(address, RoleName::code_reviewer);
  if (quality.has_error()) co_return quality.error();
  if (address.is_phase()) {
    if (!quality.value().empty())
      markers.push_back({std::string(records::kPhaseReviewFile), quality.value()});
  } else {
    spec = co_await shared_.accepted_document(address, RoleName::spec_reviewer);
    if (spec.has_error()) co_return spec.error();
    const std::string plans = "plans/";
    if (!summary.value().empty())
      markers.push_back({plans + file_name(records::MarkerKind::task_summary, address),
                         is_accepted ? records::accepted_summary(summary.value())
                                     : records::without_review_status(summary.value())});
    if (!spec.value().empty())
      markers.push_back(
          {plans + file_name(records::MarkerKind::spec_review, address), spec.value()});
    if (!quality.value().empty())
      markers.push_back(
          {plans + file_name(records::MarkerKind::quality_review, address), quality.value()});
  }
  Result<std::vector<std::string>> written = co_await put(std::move(markers));
  KON_CO_TRY(filed.files, std::move(written));
  if (is_blocked(*shared_.state().task(address))) KON_CO_TRY_VOID(write_state("executing"));
  Report report;
  report.outcome = std::move(filed);
  co_return report;
}

Task<Result<Report>> MarkerWriter::file_plan(int number) {
  const plan::Plan* plan = shared_.plan(number);
  const engine::PlanRecord& record = *shared_.state().plan(number);
  records::SummarizedPlan summary;
  summary.phase = shared_.facts.phase.id;
  summary.plan = number;
  summary.wave = record.definition.wave;
  summary.title = record.definition.title;
  summary.commit = record.merged_commit;
  summary.time = now_text();
  if (plan != nullptr) summary.artifacts = plan->must_haves.artifacts;
  const std::vector<int> order = record.order;
  for (const int task : order) {
    const TaskAddress address{number, task};
    const engine::TaskRecord& done = *shared_.state().task(address);
    records::SummarizedTask digest;
    digest.number = task;
    digest.title = shared_.state().title_of(address);
    digest.status = engine::status_name(done.state);
    digest.commit = done.head_commit;
    Result<std::string> text = co_await shared_.accepted_document(address, RoleName::executor);
    if (text.has_error()) co_return text.error();
    digest.summary = std::move(text).value();
    summary.tasks.push_back(std::move(digest));
  }
  engine::Filed filed;
  filed.address = {number, 0};
  std::vector<Marker> markers;
  markers.push_back({"plans/" + file_name(records::MarkerKind::plan_summary, {number, 0}),
                     records::plan_summary(summary)});
  Result<std::vector<std::string>> written = co_await put(std::move(markers));
  KON_CO_TRY(filed.files, std::move(written));
  KON_CO_TRY_VOID(write_result(number));
  KON_CO_TRY_VOID(write_state("executing"));
  Report report;
  report.outcome = std::move(filed);
  co_return report;
}

Result<void> MarkerWriter::remove_task_markers(const TaskAddress& address) {
  if (address.is_phase())
    return shared_.project_files->remove(shared_.facts.phase.directory / records::kPhaseReviewFile);
  const std::filesystem::path plans = shared_.facts.phase.plans();
  for (const std::string& name : {file_name(records::MarkerKind::task_summary, address),
                                  file_name(records::MarkerKind::spec_review, address),
                                  file_name(records::MarkerKind::quality_review, address)})
    KON_TRY_VOID(shared_.project_files->remove(plans / name));
  return {};
}

Result<void> MarkerWriter::remove_plan_summary(int plan) {
  return shared_.project_files->remove(shared_.facts.phase.plans() /
                                       file_name(records::MarkerKind::plan_summary, {plan, 0}));
}

Result<void> MarkerWriter::write_result(int number) {
  const engine::PlanRecord& record = *shared_.state().plan(number);
  records::ExecuteResult result;
  result.phase = shared_.facts.phase.id;
  result.plan = number;
  result.wave = record.definition.wave;
  result.is_ok = std::holds_alternative<engine::plan_state::completed>(record.state);
  result.tasks_total = counted_tasks(shared_.state(), number);
  result.tasks_completed = completed_tasks(shared_.state(), number);
  result.timestamp = now_text();
  return shared_.project_files->write(
      shared_.facts.layout.results() / records::results_file_name(result.phase, number),
      records::to_toml(result));
}

Result<void> MarkerWriter::write_state(std::string_view step) {
  const std::filesystem::path path = shared_.facts.layout.state();
  Result<std::string> text = shared_.ports.files.read(path);
  if (text.has_error() && text.error().code != ErrorCode::not_found) return text.error();
  Result<records::StateFile> parsed = records::parse_state(text.has_value() ? text.value() : "");
  if (parsed.has_error()) return parsed.error().with_context(path.string());
  records::StateFile& state = parsed.value();
  const RunFacts& facts = shared_.facts;
  const engine::RunState& run = shared_.state();
  const std::string now = now_text();
  state.progress.current_phase_plans = 0;
  state.progress.current_phase_plans_complete = 0;
  std::int64_t wave = 0;
  for (const auto& [number, record] : run.plans()) {
    if (number == 0) continue;
    ++state.progress.current_phase_plans;
    const bool is_complete = std::holds_alternative<engine::plan_state::completed>(record.state);
    if (is_complete) ++state.progress.current_phase_plans_complete;
    // As far as the phase has come, whoever happens to be at work at this moment.
    if (is_complete || std::holds_alternative<engine::plan_state::running>(record.state))
      wave = std::max<std::int64_t>(wave, record.definition.wave);
  }
  if (wave != 0) state.current.wave = wave;
  resolve_old_blockers(state, facts.phase.id, run, now);
  for (const TaskAddress& address : run.blocked())
    add_blocker(state, facts.phase.id, *run.task(address), now);
  add_blocker(state, facts.phase.id, run.holistic(), now);
  records::set_step(state, facts.phase.id, step, step == "executing" ? "busy" : "idle", now);
  const std::string updated = records::to_toml(state);
  if (text.has_value() && text.value() == updated) return {};
  return shared_.project_files->write(path, updated);
}

}  // namespace konductor::driver
