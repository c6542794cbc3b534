// SPDX-License-Identifier: MIT
#include "cli/clean_survey.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cli/config_sources.hpp"
#include "cli/lock_holder.hpp"

namespace konductor::cli {
namespace {

class Surveyor {
 public:
  Surveyor(ports::FileStore& files, const CleanOptions& options, std::int64_t now)
      : files_(files), options_(options), now_(now) {}

  Result<CleanSurvey> run(const CommonOptions& common, const Surroundings& around) {
    KON_TRY(survey_.layout, driver::find_project(common.directory));
    KON_TRY(survey_.config, load_configuration(files_, survey_.layout, common, around.environment));
    KON_TRY_VOID(open_repositories(survey_.config.git.worktree_dir));
    KON_TRY_VOID(name_phases());
    for (auto& [name, phase] : survey_.phases) {
      KON_TRY_VOID(lock(name, phase));
      KON_TRY_VOID(look_at(name, phase));
    }
    if (!options_.is_dry_run) {
      KON_TRY_VOID(remove_all_dead_locks());
      KON_TRY_VOID(settle_trees());
    }
    KON_TRY_VOID(find_leftovers());
    return std::move(survey_);
  }

 private:
  Result<void> open_repositories(const std::string& worktree_dir) {
    auto repository = platform::GitCleanup::open(survey_.layout.root, worktree_dir);
    if (repository.has_value())
      survey_.repository = std::make_unique<platform::GitCleanup>(std::move(repository).value());
    KON_TRY(survey_.store, platform::GitCleanup::open_store(survey_.layout.root));
    return {};
  }

  // From the folders, the journal and the branches: each of them may be gone.
  Result<void> name_phases() {
    for (const std::string& folder : driver::list_phases(files_, survey_.layout)) {
      KON_TRY(driver::PhaseLocation location, driver::find_phase(files_, survey_.layout, folder));
      SurveyedPhase phase;
      phase.chosen = {survey_.layout, std::move(location)};
      survey_.phases[phase.chosen.location.id] = std::move(phase);
    }
    std::set<std::string> names;
    const auto journal = platform::SqliteJournal::open_read_only(survey_.layout.database(), "");
    if (journal.has_error() && journal.error().code != ErrorCode::not_found) return journal.error();
    if (journal.has_value()) {
      KON_TRY(const std::vector<std::string> known, journal.value()->phases());
      names.insert(known.begin(), known.end());
    }
    for (const auto* repository : {survey_.repository.get(), survey_.store.get()}) {
      if (repository == nullptr) continue;
      std::set<std::string> known = names;
      for (const auto& [name, phase] : survey_.phases)
        known.insert(name);
      KON_TRY(const std::set<std::string> others, repository->other_phases(known));
      names.insert(others.begin(), others.end());
    }
    for (const std::string& name : names) {
      if (survey_.phases.count(name) != 0) continue;
      SurveyedPhase phase;
      phase.chosen.layout = survey_.layout;
      phase.chosen.location.id = name;
      phase.standing.is_given_up = true;
      survey_.phases[name] = std::move(phase);
    }
    return choose();
  }

  Result<void> choose() {
    if (options_.phase.empty()) return {};
    survey_.named = options_.phase;
    if (survey_.phases.count(options_.phase) != 0) return {};
    KON_TRY(const auto location, driver::find_phase(files_, survey_.layout, options_.phase));
    survey_.named = location.id;
    return {};
  }

  // All phases: while another one runs, its attempts' guards would put back what goes.
  Result<void> lock(const std::string& name, SurveyedPhase& phase) {
    const std::filesystem::path path = survey_.layout.lock(name);
    Result<void> held;
    if (options_.is_dry_run) {
      if (const auto holder = find_lock_holder(path); holder)
        held = Error{ErrorCode::busy, "an engine holds it, process " + std::to_string(holder->pid) +
                                          "; wait for its end, or stop it"};
    } else {
      Result<platform::FileLock> lock = platform::FileLock::try_lock(path, now_);
      if (lock.has_value())
        phase.lock = std::make_unique<platform::FileLock>(std::move(lock).value());
      else
        held = lock.error();
    }
    if (held.has_value()) return {};
    const bool is_busy = held.error().code == ErrorCode::busy;
    if (!is_busy || survey_.named == name) return held.error().with_context("phase " + quote(name));
    phase.standing.is_held = true;
    survey_.is_watched = true;
    return {};
  }

  Result<void> look_at(const std::string& name, SurveyedPhase& phase) {
    if (!phase.standing.is_given_up) {
      // Without plans there is still a journal.
      const auto plans = driver::load_phase_plans(files_, phase.chosen.location);
      if (plans.has_value()) phase.plans = plans.value().plans();
    }
    const auto journal = platform::SqliteJournal::open_read_only(survey_.layout.database(), name);
    if (journal.has_error()) {
      if (journal.error().code != ErrorCode::not_found) return journal.error();
      phase.standing.is_given_up = true;
      return {};
    }
    KON_TRY(phase.work, read_work(*journal.value(), phase.plans));
    if (!phase.work.state.has_events()) phase.standing.is_given_up = true;
    // Only a phase that is complete is brought home.
    const auto* result = phase.work.state.last_result();
    phase.standing.is_over =
        result != nullptr && !result->delivery.empty() && result->delivery != "none";
    return {};
  }

  Result<void> remove_all_dead_locks() const {
    for (const char* isolation : {"worktree", "none"}) {
      const auto directory = platform::reference_directory(survey_.layout.root, isolation);
      if (!platform::may_have_dead_locks(directory)) continue;
      for (const auto& [name, phase] : survey_.phases)
        if (phase.lock)
          KON_TRY_VOID(platform::remove_dead_locks(directory, {name, phase.work.history.runs()}));
    }
    return {};
  }

  // What nobody has mounted could not be looked at.
  Result<void> settle_trees() const {
    if (!survey_.repository) return {};
    std::set<std::string> held;
    for (const auto& [name, phase] : survey_.phases)
      if (phase.lock) held.insert(name);
    return survey_.repository->settle(held);
  }

  Result<void> find_leftovers() {
    std::vector<platform::PhaseOwner> owners;
    for (const auto& [name, phase] : survey_.phases)
      owners.push_back({name, phase.work.history.runs(), phase.standing.is_held});
    for (const auto* repository : {survey_.repository.get(), survey_.store.get()}) {
      if (repository == nullptr) continue;
      KON_TRY(std::vector<engine::Leftover> found, repository->find(owners));
      for (engine::Leftover& leftover : found)
        if (survey_.named.empty() || leftover.phase == survey_.named)
          survey_.found.push_back(std::move(leftover));
    }
    return {};
  }

  ports::FileStore& files_;
  const CleanOptions& options_;
  std::int64_t now_;
  CleanSurvey survey_;
};

}  // namespace

Result<CleanSurvey> survey(ports::FileStore& files, const CleanOptions& options,
                           const CommonOptions& common, const Surroundings& around,
                           std::int64_t now) {
  return Surveyor(files, options, now).run(common, around);
}

}  // namespace konductor::cli
