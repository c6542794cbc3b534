// SPDX-License-Identifier: MIT
#include "cli/phase_preparation.hpp"

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <filesystem>
#include <optional>

#include "agent/containment.hpp"
#include "base/text.hpp"
#include "cli/engine_identity.hpp"
#include "cli/operator_action.hpp"
#include "cli/rollback_folder.hpp"
#include "cli/sandbox_choice.hpp"
#include "driver/role_resolution.hpp"
#include "platform/cgroup.hpp"
#include "platform/git_factory.hpp"
#include "platform/git_overlays.hpp"
#include "platform/memory.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace fs = std::filesystem;
namespace {

class Preparation {
 public:
  Preparation(const PreparationOutside& outside, driver::RunFacts& facts, HeldPhase& held)
      : outside_(outside), facts_(facts), held_(held) {}

  Result<void> prepare(bool takes_over, std::int64_t now) {
    KON_TRY_VOID(choose_programs());
    KON_TRY_VOID(driver::ensure_ignore_file(outside_.files, facts_.layout));
    facts_.run = make_run_id(now);
    KON_TRY_VOID(choose_containment());
    KON_TRY_VOID(take_phase(takes_over, now));
    return open_phase();
  }

 private:
  Result<void> choose_programs() {
    const driver::ShippedPrograms shipped = shipped_programs();
    KON_TRY(facts_.roles, driver::resolve_roles(outside_.files, facts_.layout, facts_.config,
                                                facts_.phase.id, facts_.environment, shipped));
    facts_.supervisor = shipped.supervisor;
    std::string about_sandbox;
    KON_TRY(facts_.sandbox,
            find_sandbox(facts_.config.execution.sandbox, facts_.environment, about_sandbox));
    if (!about_sandbox.empty()) outside_.note(about_sandbox);
    if (facts_.config.execution.lease == config::Lease::declared && !facts_.sandbox.is_confining())
      outside_.note(
          "execution.lease: nothing holds attempts to it, as they are not confined "
          "(execution.sandbox); the gates tell what was changed undeclared");
    return {};
  }

  Result<void> choose_containment() {
    const config::Config& config = facts_.config;
    facts_.available_memory = platform::available_memory;
    agent::CgroupOffer offer;
    if (config.execution.containment != config::Containment::processes) {
      platform::CgroupHome home = platform::find_cgroup_home(agent::wants_controllers(config));
      offer = {std::move(home.directory), std::move(home.controllers), std::move(home.why_not)};
    }
    // Runs of other projects may stand beside it.
    const std::string name = facts_.run + "-" + std::to_string(::getpid());
    KON_TRY(facts_.containment, agent::choose_containment(config, offer, name, ::geteuid() == 0));
    for (const std::string& key : facts_.containment.missing)
      outside_.note(key +
                    " cannot be applied here: it takes a cgroup with that controller "
                    "(docs/containment.md)");
    return {};
  }

  // From here on nobody else changes the phase.
  Result<void> take_phase(bool takes_over, std::int64_t now) {
    const fs::path path = facts_.layout.lock(facts_.phase.id);
    Result<std::unique_ptr<platform::PhaseFence>> taken =
        takes_over ? platform::PhaseFence::take_over(path, facts_.phase.id, now)
                   : platform::PhaseFence::hold(path, facts_.phase.id, now);
    if (taken.has_error()) return taken.error().with_context("phase " + quote(facts_.phase.id));
    held_.fence = std::move(taken).value();
    if (held_.fence->killed() != 0)
      outside_.note("the engine that held the phase, pid " + std::to_string(held_.fence->killed()) +
                    ", was suspended in the middle of a change, and was ended");
    return {};
  }

  Result<void> open_phase() {
    KON_TRY(const ports::Act act, ports::Act::begin(*held_.fence));
    remove_cut_off_writes();
    KON_TRY(held_.journal,
            platform::SqliteJournal::open(facts_.layout.database(), facts_.phase.id));
    KON_TRY_VOID(read_durations(*held_.journal, facts_));
    KON_TRY_VOID(remove_cut_off_attempt_files());
    KON_TRY_VOID(remove_dead_locks(facts_.layout, facts_.phase.id, *held_.journal));
    KON_TRY_VOID(open_workspaces());
    if (held_.workspaces->isolation() == "none") KON_TRY_VOID(check_folder());
    return {};
  }

  // A killed engine may have left files that it was about to put in their places. The phase's
  // folders are this engine's now, the others are shared with those of other phases.
  void remove_cut_off_writes() const {
    using platform::TemporariesOf;
    platform::remove_temporary_files(facts_.phase.directory, TemporariesOf::everybody);
    platform::remove_temporary_files(facts_.phase.plans(), TemporariesOf::everybody);
    platform::remove_temporary_files(facts_.layout.home(), TemporariesOf::dead_processes);
    platform::remove_temporary_files(facts_.layout.results(), TemporariesOf::dead_processes);
  }

  // The same beside the logs of attempts, where the run before this one was cut off. What it had
  // taken over has its folder in the run that it began in; in others' folders their engines may be
  // at work.
  Result<void> remove_cut_off_attempt_files() const {
    KON_TRY(const std::optional<platform::LastRun> last, held_.journal->last_run());
    if (!last || last->finished_at != 0) return {};
    using platform::TemporariesOf;
    const fs::path cut_off = facts_.layout.run_directory(last->run);
    std::error_code error;
    for (fs::directory_iterator run(facts_.layout.runs(), error), none; !error && run != none;
         run.increment(error)) {
      const auto whose =
          run->path() == cut_off ? TemporariesOf::everybody : TemporariesOf::dead_processes;
      std::error_code unread;
      for (fs::directory_iterator it(run->path(), unread), end; !unread && it != end;
           it.increment(unread))
        platform::remove_temporary_files(it->path(), whose);
    }
    return {};
  }

  Result<void> open_workspaces() {
    platform::WorkspacesOptions options;
    options.root = facts_.layout.root;
    options.phase = facts_.phase.id;
    options.run = facts_.run;
    options.worktree_dir = facts_.config.git.worktree_dir;
    options.branching_strategy = config::to_string(facts_.config.git.branching_strategy);
    options.auto_commit = facts_.config.git.auto_commit;
    options.signs = facts_.config.git.sign;
    options.runs_hooks = facts_.config.git.hooks == config::GitHooks::at_the_end;
    const std::string_view isolation = config::to_string(facts_.config.git.isolation);
    options.overlay = facts_.config.git.overlay &&
                      platform::takes_work_trees(options.root, isolation) &&
                      enter_overlays(options);
    // Told by the threads that work on trees.
    options.tell_no_overlay = [outside = outside_](const std::string& why) {
      boost::asio::post(outside.executor, [outside, why] { note_no_overlay(outside, why); });
    };
    KON_TRY(held_.workspaces, platform::make_workspaces(options, isolation));
    return {};
  }

  // From here on the process is in a mount namespace of its own, if that is possible.
  bool enter_overlays(const platform::WorkspacesOptions& options) const {
    const Result<void> entered = platform::enter_overlays(options);
    if (entered.has_error()) note_no_overlay(outside_, entered.error().message);
    return entered.has_value();
  }

  static void note_no_overlay(const PreparationOutside& outside, const std::string& why) {
    outside.note("git.overlay is not possible here, ordinary worktrees are used: " + why);
  }

  // What a person did after a rollback in place would be put away.
  Result<void> check_folder() const {
    KON_TRY(const engine::RunState state, driver::replay_state(*held_.journal, facts_.plans));
    return check_rolled_back_folder(*held_.workspaces, outside_.files, facts_.layout.root,
                                    facts_.phase.id, state);
  }

  const PreparationOutside& outside_;
  driver::RunFacts& facts_;
  HeldPhase& held_;
};

}  // namespace

Result<void> prepare_phase(const PreparationOutside& outside, bool takes_over, std::int64_t now,
                           driver::RunFacts& facts, HeldPhase& held) {
  return Preparation(outside, facts, held).prepare(takes_over, now);
}

Result<void> read_durations(const platform::SqliteJournal& journal, driver::RunFacts& facts) {
  if (facts.config.execution.schedule != config::Schedule::dependencies) return {};
  KON_TRY(facts.durations, journal.task_durations());
  return {};
}

}  // namespace konductor::cli
