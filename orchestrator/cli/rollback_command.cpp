// SPDX-License-Identifier: MIT
#include "cli/rollback_command.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/config_sources.hpp"
#include "cli/lock_holder.hpp"
#include "cli/operator_action.hpp"
#include "cli/rollback_folder.hpp"
#include "cli/work_view.hpp"
#include "engine/rollback.hpp"
#include "platform/file_lock.hpp"
#include "platform/git_factory.hpp"
#include "platform/git_history.hpp"
#include "platform/git_snapshot_workspaces.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

// What is taken back, and under which references it stays.
struct Kept {
  engine::UndoneTask task;
  std::string reference;  // "": nothing was changed by it.
};

struct RolledBack {
  std::string phase;
  TaskAddress address;
  std::string commit;
  std::vector<Kept> undone;
  std::string unfinished;  // The reference that keeps what was in the tree beside its commits.
  std::string note;        // What could not be brought up to date beside the journal.
};

// One rollback, from the question to the last file. Until the events are in the journal nothing of
// the plan is changed, only kept; behind them a kill is mended by the next run or rollback.
class RollbackCommand {
 public:
  RollbackCommand(const RollbackOptions& options, const CommonOptions& common, Surroundings& around)
      : options_(options), common_(common), around_(around) {}

  Result<RolledBack> run() {
    KON_TRY_VOID(find());
    if (options_.is_dry_run) return preview();
    const std::int64_t now = wall_milliseconds();
    Result<platform::FileLock> lock =
        platform::FileLock::try_lock(chosen_.layout.lock(done_.phase), now);
    if (lock.has_error()) return lock.error().with_context("phase " + quote(done_.phase));
    KON_TRY(const auto journal,
            platform::SqliteJournal::open(chosen_.layout.database(), done_.phase));
    KON_TRY(work_, read_work(*journal, phase_.plans()));
    KON_TRY_VOID(remove_dead_locks(chosen_.layout, done_.phase, *journal));
    KON_TRY_VOID(decide());
    KON_TRY_VOID(end_leftovers(work_.state, chosen_.layout,
                               driver::make_redactor(around_.environment, config_)));
    KON_TRY(const ports::Workspace workspace, open_workspace());
    KON_TRY_VOID(keep(workspace));
    KON_TRY_VOID(record(*journal, now));
    KON_TRY_VOID(workspaces_->reset(workspace, rollback_.commit));
    KON_TRY_VOID(remove_markers(files_, chosen_.location, rollback_.tasks));
    std::vector<std::string> names;
    for (const TaskAddress& task : rollback_.tasks)
      names.push_back(address_text(done_.phase, task));
    const Result<void> resolved = resolve_in_state_file(files_, chosen_, names, now);
    if (resolved.has_error()) done_.note = resolved.error().message;
    return std::move(done_);
  }

 private:
  Result<void> find() {
    KON_TRY(const AddressText text, parse_address(options_.address, AddressKind::task));
    KON_TRY_VOID(check_unambiguous(text));
    KON_TRY(chosen_, choose_phase(files_, common_, text.phase.value_or("")));
    KON_TRY(config_, load_configuration(files_, chosen_.layout, common_, around_.environment));
    KON_TRY(phase_, driver::load_phase_plans(files_, chosen_.location));
    done_.phase = chosen_.location.id;
    done_.address = {*text.plan, *text.task};
    // A phase that never ran gets no journal by this.
    KON_TRY(work_, read_work_of(chosen_, phase_.plans()));
    return {};
  }

  // "01/002" may well be meant as a plan, and a wrong guess would undo the wrong thing.
  Result<void> check_unambiguous(const AddressText& text) const {
    const std::string first = options_.address.substr(0, options_.address.find('/'));
    if (text.phase || *text.plan == 0 || choose_phase(files_, common_, first).has_error())
      return {};
    return Error{ErrorCode::invalid_input,
                 quote(options_.address) + " may be a plan of phase " + quote(first) +
                     ": write the phase, the plan and the task, such as 01/002/3"};
  }

  Result<RolledBack> preview() {
    if (const auto holder = find_lock_holder(chosen_.layout.lock(done_.phase)); holder)
      return Error{ErrorCode::busy, "phase " + quote(done_.phase) + " is held by process " +
                                        std::to_string(holder->pid) +
                                        "; wait for its end, or stop it"};
    KON_TRY_VOID(decide());
    for (const engine::UndoneTask& task : rollback_.undone)
      done_.undone.push_back({task, ""});
    return std::move(done_);
  }

  Result<void> decide() {
    KON_TRY(rollback_,
            engine::decide_rollback(work_.state, work_.history, done_.address, done_.phase));
    done_.commit = rollback_.commit;
    KON_TRY(auto history,
            platform::GitHistory::open(chosen_.layout.root, work_.isolation, done_.phase));
    history_ = std::make_unique<platform::GitHistory>(std::move(history));
    if (!history_->has_commit(rollback_.commit))
      return Error{ErrorCode::invalid_input,
                   "the commit " + quote(rollback_.commit) + ", at which task " + quote(name()) +
                       " began, is not in the repository any more: run the task again with "
                       "`konductor execute " +
                       done_.phase + " --retry " + name() + "`"};
    return is_in_place() ? check_folder_is_the_plans() : check_not_merged();
  }

  bool is_in_place() const { return work_.isolation == "none"; }
  std::string name() const { return address_text(done_.phase, done_.address); }

  // The engine may have died between the merge and the event that tells of it.
  Result<void> check_not_merged() const {
    KON_TRY(const auto integration, history_->integration_head());
    if (!integration) return {};
    for (const engine::UndoneTask& task : rollback_.undone) {
      const std::string& head = task.work.head;
      if (head.empty() || head == task.work.start || !history_->has_commit(head)) continue;
      KON_TRY(const bool is_merged, history_->is_ancestor(head, *integration));
      if (is_merged)
        return Error{ErrorCode::invalid_input,
                     "the work of task " + quote(address_text(done_.phase, task.address)) +
                         " is merged already: take it back by hand with `git revert`, or run `"
                         "konductor execute " +
                         done_.phase + "` first"};
    }
    return {};
  }

  // In place all plans work in the one folder: putting it back must not take away anybody else's
  // work.
  Result<void> check_folder_is_the_plans() const {
    KON_TRY(const auto last, history_->last_state());
    KON_TRY(const auto head, history_->plan_head(done_.address.plan));
    // At the wanted one already: a rollback was killed before it moved the plan there, too.
    if (!last || last == head || *last == rollback_.commit) return {};
    return Error{ErrorCode::invalid_input,
                 "another plan has worked in the project's folder since, and putting the folder "
                 "back would take its work away: run the task again on top of it with `konductor "
                 "execute " +
                     done_.phase + " --retry " + name() + "`"};
  }

  Result<ports::Workspace> open_workspace() {
    platform::WorkspacesOptions options;
    options.root = chosen_.layout.root;
    options.phase = done_.phase;
    options.run = run_of_kept();
    options.worktree_dir = config_.git.worktree_dir;
    KON_TRY(workspaces_, platform::make_workspaces(options, work_.isolation));
    if (is_in_place()) KON_TRY_VOID(check_folder());
    return workspaces_->open(done_.address.plan);
  }

  Result<void> check_folder() {
    const std::filesystem::path& root = chosen_.layout.root;
    KON_TRY(const auto last, history_->last_state());
    const bool was_cut_off =
        !rollback_.events.empty() &&
        std::holds_alternative<engine::event::attempt_finished>(rollback_.events.front());
    const int plan = done_.address.plan;
    if (!last || was_cut_off || platform::is_attempt_cut_short(root, done_.phase, plan)) return {};
    FolderStates states{*last, rollback_.commit, rollback_.undone.empty()};
    return check_folder_untouched(*workspaces_, files_, root, states);
  }

  // Where the newest work is kept.
  std::string run_of_kept() const {
    for (auto task = rollback_.undone.rbegin(); task != rollback_.undone.rend(); ++task)
      if (!task->work.run.empty()) return task->work.run;
    return work_.state.last_run_id();
  }

  Result<void> keep(const ports::Workspace& workspace) {
    for (const engine::UndoneTask& task : rollback_.undone) {
      Kept kept{task, ""};
      const engine::TaskWork& work = task.work;
      const bool has_work = !work.head.empty() && work.head != work.start && !work.attempt.empty();
      if (has_work && history_->has_commit(work.head)) {
        KON_TRY(kept.reference, history_->keep(work.run, work.attempt, work.head));
      }
      done_.undone.push_back(std::move(kept));
    }
    const std::string attempt = "rolled-back/" + plan_text(done_.address.plan) + "-task-" +
                                std::to_string(done_.address.task);
    KON_TRY(done_.unfinished, workspaces_->save_aside(workspace, run_of_kept(), attempt));
    return {};
  }

  Result<void> record(ports::Journal& journal, std::int64_t now) const {
    if (rollback_.events.empty()) return {};
    KON_TRY([[maybe_unused]] const std::int64_t fence, journal.take_fence());
    std::vector<engine::Event> events;
    for (const engine::EventBody& body : rollback_.events)
      events.push_back({now, operator_run(now), body});
    return journal.append(events, {});
  }

  const RollbackOptions& options_;
  const CommonOptions& common_;
  Surroundings& around_;
  platform::PosixFileStore files_;
  ChosenPhase chosen_;
  config::Config config_;
  driver::PhasePlans phase_;
  PhaseWork work_;
  engine::Rollback rollback_;
  std::unique_ptr<platform::GitHistory> history_;
  std::unique_ptr<ports::Workspaces> workspaces_;
  RolledBack done_;
};

nlohmann::ordered_json document_of(const RolledBack& done, bool is_dry_run,
                                   const std::string& next) {
  nlohmann::ordered_json json;
  json["schema_version"] = 1;
  json["command"] = "rollback";
  json["exit"] = 0;
  json["dry_run"] = is_dry_run;
  json["task"] = address_text(done.phase, done.address);
  json["commit"] = done.commit;
  json["undone"] = nlohmann::ordered_json::array();
  for (const Kept& kept : done.undone) {
    nlohmann::ordered_json entry;
    entry["task"] = address_text(done.phase, kept.task.address);
    entry["status"] = kept.task.status;
    entry["commit"] = kept.task.work.head;
    entry["kept"] = kept.reference;
    json["undone"].push_back(std::move(entry));
  }
  json["kept_tree"] = done.unfinished;
  json["next"] = next;
  return json;
}

void print_text(std::ostream& out, const RolledBack& done, bool is_dry_run,
                const std::string& next) {
  const std::string plan = plan_address_text(done.phase, done.address.plan);
  const std::string commit = done.commit.substr(0, kShortId);
  out << "plan " << plan << (is_dry_run ? " would go" : " is") << " back at " << commit
      << ", before " << address_text(done.phase, done.address) << "\n";
  for (const Kept& kept : done.undone) {
    out << "  " << address_text(done.phase, kept.task.address) << "  was " << kept.task.status
        << (is_dry_run ? ", would be undone" : ", is undone");
    if (!kept.reference.empty()) out << "; kept as " << kept.reference;
    out << "\n";
  }
  if (done.undone.empty()) out << "  no task was done since\n";
  if (!done.unfinished.empty()) out << "  work that was in its tree: " << done.unfinished << "\n";
  out << (is_dry_run ? "nothing was changed; to do it: " : "next: ") << next << "\n";
}

}  // namespace

int run_rollback_command(const RollbackOptions& options, const CommonOptions& common,
                         Surroundings& around) {
  const Result<RolledBack> done = RollbackCommand(options, common, around).run();
  if (done.has_error()) return fail(around, common, "rollback", done.error());
  const std::string next =
      options.is_dry_run
          ? "konductor rollback " + address_text(done.value().phase, done.value().address)
          : "konductor execute " + done.value().phase;
  if (!done.value().note.empty())
    around.err << "konductor: warning: " << done.value().note << "; the next run brings it up to "
               << "date\n";
  if (common.is_json)
    print_json(around.out, document_of(done.value(), options.is_dry_run, next));
  else if (!common.is_quiet)
    print_text(around.out, done.value(), options.is_dry_run, next);
  return 0;
}

}  // namespace konductor::cli
