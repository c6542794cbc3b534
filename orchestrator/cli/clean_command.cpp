// SPDX-License-Identifier: MIT
#include "cli/clean_command.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/clean_survey.hpp"
#include "cli/old_runs.hpp"
#include "cli/operator_action.hpp"
#include "engine/rollback.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

using engine::Leftover;
using engine::LeftoverKind;

// What was done, or would be.
struct Cleaned {
  engine::Cleanup cleanup;
  std::vector<std::string> logs;
  std::uintmax_t bytes = 0;        // Of the logs.
  std::vector<std::string> kept;   // References that keep what was in removed trees.
  std::vector<std::string> reset;  // Plans that have to begin again.
  std::vector<Error> left;         // What of the logs cannot be removed, and why.
};

class CleanCommand {
 public:
  CleanCommand(const CleanOptions& options, const CommonOptions& common, Surroundings& around)
      : options_(options), common_(common), around_(around) {}

  Result<Cleaned> run() {
    now_ = wall_milliseconds();
    KON_TRY(survey_, survey(files_, options_, common_, around_, now_));
    std::map<std::string, engine::PhaseStanding> phases;
    for (const auto& [name, phase] : survey_.phases)
      phases[name] = phase.standing;
    done_.cleanup =
        engine::decide_cleanup(survey_.found, phases, options_.forced, survey_.is_watched);
    if (!done_.cleanup.unknown.empty())
      return Error{ErrorCode::invalid_input,
                   "--force " + done_.cleanup.unknown.front() +
                       ": there is no such branch, reference or work tree; `konductor clean "
                       "--dry-run` shows what there is"};
    if (options_.removes_logs) find_logs();
    if (options_.older_than) find_old_runs();
    for (const std::string& run : done_.logs)
      done_.bytes += bytes_below(survey_.layout.run_directory(run));
    if (options_.is_dry_run) return std::move(done_);
    KON_TRY_VOID(reset_forced_plans());
    KON_TRY_VOID(remove_all());
    remove_logs();
    KON_TRY_VOID(tidy());
    return std::move(done_);
  }

 private:
  // A run whose engine is at work, or whose phase goes on, keeps its logs.
  void find_logs() {
    for (const auto& [name, phase] : survey_.phases) {
      const bool is_meant = survey_.named.empty() || survey_.named == name;
      if (!is_meant || !phase.standing.is_over || phase.standing.is_held) continue;
      for (const std::string& run : phase.work.history.runs())
        if (files_.exists(survey_.layout.run_directory(run))) done_.logs.push_back(run);
    }
  }

  // Those of every phase, and of none that the journal knows: what is under way, or is to be gone
  // on with, has a record that names its run.
  void find_old_runs() {
    std::set<std::string> needed(done_.logs.begin(), done_.logs.end());
    std::set<std::string> others;
    for (const auto& [name, phase] : survey_.phases) {
      needed.merge(needed_runs(phase.work.state));
      if (phase.standing.is_held) needed.insert(phase.work.state.last_run_id());
      const bool is_meant = survey_.named.empty() || survey_.named == name;
      if (!is_meant)
        others.insert(phase.work.history.runs().begin(), phase.work.history.runs().end());
    }
    for (const std::string& run : old_runs(survey_.layout.runs(), *options_.older_than, now_)) {
      const bool is_of_another = others.count(run) != 0;
      if (needed.count(run) == 0 && !is_of_another) done_.logs.push_back(run);
    }
  }

  // What one run left may be another user's, which keeps nobody from removing the others'.
  void remove_logs() {
    std::vector<std::string> removed;
    for (const std::string& run : done_.logs) {
      const Result<void> gone = files_.remove(survey_.layout.run_directory(run));
      if (gone.has_error())
        done_.left.push_back(gone.error());
      else
        removed.push_back(run);
    }
    done_.logs = std::move(removed);
  }

  // Without its branch nothing of the plan is done, and the journal has to say so first.
  Result<void> reset_forced_plans() {
    for (const Leftover& leftover : done_.cleanup.removed) {
      const auto found = survey_.phases.find(leftover.phase);
      const bool is_lost = leftover.kind == LeftoverKind::plan_branch && !leftover.is_reached &&
                           leftover.plan != 0 && found != survey_.phases.end() &&
                           !found->second.standing.is_over && !found->second.standing.is_given_up;
      if (!is_lost) continue;
      KON_TRY_VOID(reset_plan(found->second, leftover.plan));
    }
    return {};
  }

  Result<void> reset_plan(const SurveyedPhase& phase, int number) {
    const std::string& id = phase.chosen.location.id;
    const engine::PlanRecord* plan = phase.work.state.plan(number);
    // What is merged stays, and what is in no plan file any more is nobody's.
    const bool is_merged =
        plan != nullptr &&
        (plan->is_merged || std::holds_alternative<engine::plan_state::completed>(plan->state));
    if (plan == nullptr || is_merged) return {};
    const auto tasks = phase.work.state.tasks_of(number);
    const auto first = std::find_if(tasks.begin(), tasks.end(), [](const auto* task) {
      return !std::holds_alternative<engine::state::split>(task->state);
    });
    const bool is_begun = std::any_of(tasks.begin(), tasks.end(), [](const auto* task) {
      return !std::holds_alternative<engine::state::waiting>(task->state);
    });
    if (first == tasks.end() || !is_begun) return {};
    KON_TRY(const engine::Rollback rollback,
            engine::decide_rollback(phase.work.state, phase.work.history, (*first)->address, id));
    KON_TRY_VOID(end_leftovers(phase.work.state, phase.chosen.layout,
                               driver::make_redactor(around_.environment, survey_.config)));
    KON_TRY(const auto journal, platform::SqliteJournal::open(phase.chosen.layout.database(), id));
    KON_TRY([[maybe_unused]] const std::int64_t fence, journal->take_fence());
    std::vector<engine::Event> events;
    for (const engine::EventBody& body : rollback.events)
      events.push_back({now_, operator_run(now_), body});
    KON_TRY_VOID(journal->append(events, {}));
    KON_TRY_VOID(remove_markers(files_, phase.chosen.location, rollback.tasks));
    std::vector<std::string> names;
    for (const TaskAddress& task : rollback.tasks)
      names.push_back(address_text(id, task));
    done_.reset.push_back(plan_address_text(id, number));
    return resolve_in_state_file(files_, phase.chosen, names, now_);
  }

  Result<void> remove_all() {
    for (const auto* place : {survey_.repository.get(), survey_.store.get()})
      if (place != nullptr) KON_TRY_VOID(place->begin());
    Result<void> removed;
    for (const Leftover& leftover : done_.cleanup.removed) {
      removed = remove(leftover);
      if (removed.has_error()) break;
    }
    for (const auto* place : {survey_.repository.get(), survey_.store.get()})
      if (place != nullptr) KON_TRY_VOID(place->end());
    return removed;
  }

  Result<void> remove(const Leftover& leftover) {
    const auto& place = leftover.is_in_store ? survey_.store : survey_.repository;
    const auto phase = survey_.phases.find(leftover.phase);
    std::string run = phase == survey_.phases.end() ? "" : phase->second.work.state.last_run_id();
    if (run.empty()) run = operator_run(now_);
    KON_TRY(const std::string kept, place->remove(leftover, run));
    if (!kept.empty()) done_.kept.push_back(kept);
    return {};
  }

  Result<void> tidy() const {
    std::set<std::string> free;
    for (const auto& [name, phase] : survey_.phases)
      if (!phase.standing.is_held) free.insert(name);
    if (survey_.repository) KON_TRY_VOID(survey_.repository->tidy(free));
    if (!survey_.store) return {};
    KON_TRY_VOID(survey_.store->tidy(free));
    KON_TRY(const bool is_empty, survey_.store->is_empty());
    // Another phase's engine may be about to use it.
    if (is_empty && !survey_.is_watched) KON_TRY_VOID(survey_.store->remove_store());
    return {};
  }

  const CleanOptions& options_;
  const CommonOptions& common_;
  Surroundings& around_;
  platform::PosixFileStore files_;
  std::int64_t now_ = 0;
  CleanSurvey survey_;
  Cleaned done_;
};

nlohmann::ordered_json entry_of(const Leftover& leftover) {
  nlohmann::ordered_json entry;
  entry["kind"] = engine::to_string(leftover.kind);
  entry["name"] = leftover.name;
  entry["phase"] = leftover.phase;
  entry["commit"] = leftover.commit;
  return entry;
}

std::string force_command(const engine::Refused& refused) {
  return refused.force.empty() ? "" : "konductor clean --force " + refused.force;
}

nlohmann::ordered_json document_of(const Cleaned& done, int exit, bool is_dry_run) {
  nlohmann::ordered_json json;
  json["schema_version"] = 1;
  json["command"] = "clean";
  json["exit"] = exit;
  json["dry_run"] = is_dry_run;
  json["removed"] = nlohmann::ordered_json::array();
  for (const Leftover& leftover : done.cleanup.removed)
    json["removed"].push_back(entry_of(leftover));
  json["refused"] = nlohmann::ordered_json::array();
  for (const engine::Refused& refused : done.cleanup.refused) {
    nlohmann::ordered_json entry = entry_of(refused.what);
    entry["reason"] = refused.reason;
    entry["command"] = force_command(refused);
    json["refused"].push_back(std::move(entry));
  }
  json["logs"] = done.logs;
  json["logs_bytes"] = done.bytes;
  json["left"] = nlohmann::ordered_json::array();
  for (const Error& error : done.left)
    json["left"].push_back(error.message);
  json["kept"] = done.kept;
  json["reset_plans"] = done.reset;
  json["left_phases"] = done.cleanup.left_phases;
  return json;
}

void print_text(Surroundings& around, const Cleaned& done, const CommonOptions& common,
                bool is_dry_run) {
  const engine::Cleanup& cleanup = done.cleanup;
  const std::string verb = is_dry_run ? "would remove " : "removed ";
  if (!common.is_quiet) {
    for (const Leftover& leftover : cleanup.removed) {
      around.out << verb << engine::short_name(leftover);
      if (leftover.kind == LeftoverKind::worktree) around.out << " (work tree)";
      if (leftover.kind == LeftoverKind::pooled_tree) around.out << " (unused work tree)";
      if (!leftover.commit.empty()) around.out << "  " << leftover.commit.substr(0, kShortId);
      around.out << "\n";
    }
    for (const std::string& run : done.logs)
      around.out << verb << ".konductor/runs/" << run << "\n";
    if (!done.logs.empty())
      around.out << counted(done.logs.size(), "run") << " of .konductor/runs, "
                 << bytes_text(done.bytes) << "\n";
    for (const std::string& kept : done.kept)
      around.out << "what was in a tree is kept as " << kept << "\n";
    for (const std::string& plan : done.reset)
      around.out << "plan " << plan << " begins again with the next run\n";
    for (const std::string& phase : cleanup.left_phases)
      around.out << "phase " << phase
                 << " has work left and keeps its branches and trees: konductor execute " << phase
                 << "\n";
    if (cleanup.removed.empty() && cleanup.refused.empty() && cleanup.left_phases.empty() &&
        done.logs.empty() && done.left.empty())
      around.out << "there is nothing to clean\n";
  }
  for (const engine::Refused& refused : cleanup.refused) {
    around.err << "konductor: refused: " << engine::short_name(refused.what) << " "
               << refused.reason;
    if (!refused.force.empty()) around.err << ": " << force_command(refused);
    around.err << "\n";
  }
  for (const Error& error : done.left)
    around.err << "konductor: " << error.message << "\n";
}

}  // namespace

int run_clean_command(const CleanOptions& options, const CommonOptions& common,
                      Surroundings& around) {
  const Result<Cleaned> done = CleanCommand(options, common, around).run();
  if (done.has_error()) return fail(around, common, "clean", done.error());
  const bool is_all = done.value().cleanup.refused.empty() && done.value().left.empty();
  const int exit = is_all ? 0 : 1;
  if (common.is_json)
    print_json(around.out, document_of(done.value(), exit, options.is_dry_run));
  else
    print_text(around, done.value(), common, options.is_dry_run);
  return exit;
}

}  // namespace konductor::cli
