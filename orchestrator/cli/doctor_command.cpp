// SPDX-License-Identifier: MIT
#include "cli/doctor_command.hpp"

#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.hpp"
#include "cli/config_sources.hpp"
#include "cli/doctor_findings.hpp"
#include "cli/engine_identity.hpp"
#include "cli/run_program.hpp"
#include "cli/temporary_folder.hpp"
#include "driver/attempt_environment.hpp"
#include "driver/project.hpp"
#include "driver/role_resolution.hpp"
#include "platform/bubblewrap.hpp"
#include "platform/cgroup.hpp"
#include "platform/landlock.hpp"
#include "platform/overlay_mount.hpp"
#include "platform/posix_file_store.hpp"
#include "platform/sqlite_journal_trial.hpp"

namespace konductor::cli {
namespace {

namespace fs = std::filesystem;

// One look at everything, part by part.
class Examination {
 public:
  Examination(const CommonOptions& common, const Surroundings& around)
      : common_(common), environment_(around.environment) {}

  std::vector<Finding> run() {
    look_at_project();
    look_at_runtimes();
    look_at_roles();
    look_at_programs();
    // The trial of overlays has to be made before anything starts a thread.
    look_at_system();
    look_at_places();
    return std::move(findings_);
  }

 private:
  void add(std::string area, std::string name, FindingState state, std::string text,
           std::string fix = {}) {
    findings_.push_back({std::move(area), std::move(name), state, std::move(text), std::move(fix)});
  }

  void look_at_project() {
    const auto found = driver::find_project(common_.directory);
    layout_ = settings_layout(common_.directory);
    is_project_ = found.has_value();
    if (is_project_)
      add("project", "folder", FindingState::ok, layout_.home().string());
    else
      add("project", "folder", FindingState::warning, found.error().message, "konductor init");
    Result<config::Config> config = load_configuration(files_, layout_, common_, environment_);
    if (config.has_value()) {
      config_ = std::move(config).value();
      add("project", "configuration", FindingState::ok, "can be read");
    } else {
      add("project", "configuration", FindingState::problem, config.error().message,
          "mend what it names; config.toml.example has every key");
    }
  }

  // --- Agents ---

  std::set<std::string> wanted_runtimes() const {
    std::set<std::string> wanted;
    if (config_.general.default_runtime != config::kAutoRuntime)
      wanted.insert(config_.general.default_runtime);
    for (const RoleName role : driver::kExecutionRoles)
      if (const auto& runtimes = config_.role(role).runtime; runtimes.size() == 1)
        wanted.insert(runtimes.front());
    return wanted;
  }

  bool is_there(const config::RuntimeSettings& runtime, const LoginPlaces& places) const {
    for (const std::string& name : places.variables)
      if (runtime.env.count(name) != 0 || !driver::environment_value(environment_, name).empty())
        return true;
    const fs::path home = driver::environment_value(environment_, "HOME");
    std::error_code error;
    for (const std::string& file : places.files)
      if (fs::exists(home / file, error)) return true;
    return false;
  }

  void look_at_runtimes() {
    const std::set<std::string> wanted = wanted_runtimes();
    for (ListedAgent& agent : list_agents(config_, environment_)) {
      const config::RuntimeSettings& runtime = config_.runtimes.at(agent.name);
      if (runtime.kind == config::RuntimeKind::replay) continue;
      RuntimeFacts facts;
      facts.is_wanted = agent.is_default || wanted.count(agent.name) != 0;
      if (const auto places = login_places(runtime)) {
        facts.login = is_there(runtime, *places) ? Login::found : Login::missing;
        facts.login_command = places->command;
      }
      facts.agent = std::move(agent);
      findings_.push_back(judge_runtime(facts));
    }
  }

  // What `execute` itself would find.
  void look_at_roles() {
    const auto roles =
        driver::resolve_roles(files_, layout_, config_, "01", environment_, shipped_programs());
    if (roles.has_value())
      add("roles", "runtimes", FindingState::ok, "every role has one");
    else
      add("roles", "runtimes", FindingState::problem, roles.error().message,
          "npm install -g @anthropic-ai/claude-code");
  }

  void look_at_programs() {
    const driver::ShippedPrograms shipped = shipped_programs();
    std::vector<std::string> missing;
    for (const fs::path& program : {shipped.replay, shipped.acp, shipped.supervisor})
      if (program.empty() || ::access(program.c_str(), X_OK) != 0)
        missing.push_back(program.empty() ? "konductor-supervisor" : program.filename().string());
    if (missing.empty())
      add("program", "parts", FindingState::ok, shipped.replay.parent_path().string());
    else
      add("program", "parts", FindingState::warning, "not beside konductor: " + join(missing, ", "),
          "cmake --install build");
  }

  // --- The system ---

  void look_at_system() {
    SandboxFacts sandbox;
    sandbox.wanted = config_.execution.sandbox;
    sandbox.landlock_abi = platform::landlock_abi();
    const std::string bwrap = driver::find_program("bwrap", environment_);
    if (bwrap.empty())
      sandbox.no_bwrap = "there is no \"bwrap\" in PATH";
    else if (const Result<void> tried = platform::try_bwrap(bwrap); tried.has_error())
      sandbox.no_bwrap = tried.error().message;
    else
      sandbox.bwrap = bwrap;
    findings_.push_back(judge_sandbox(sandbox));
    platform::CgroupHome home = platform::find_cgroup_home(false);
    findings_.push_back(judge_containment(
        config_,
        {std::move(home.directory), std::move(home.controllers), std::move(home.why_not)}));
    for (Finding& finding : judge_kernel(kernel_facts()))
      findings_.push_back(std::move(finding));
  }

  KernelFacts kernel_facts() const {
    KernelFacts facts;
    utsname name{};
    if (::uname(&name) == 0) facts.release = name.release;
    const long pidfd = ::syscall(SYS_pidfd_open, ::getpid(), 0);
    facts.has_pidfd = pidfd >= 0;
    if (facts.has_pidfd) ::close(static_cast<int>(pidfd));
    std::ifstream("/proc/sys/fs/inotify/max_user_watches") >> facts.watches_max;
    return facts;
  }

  std::string git_version(const fs::path& folder) const {
    const std::string git = driver::find_program("git", environment_);
    if (git.empty()) return {};
    driver::AttemptLimits limits;
    limits.timeout = std::chrono::seconds(20);
    const Result<ProgramEnd> end =
        run_program({git, "--version"}, environment_, folder.string(), limits);
    return end.has_value() ? agent::version_in(end.value().out) : "";
  }

  // --- Where the project lies ---

  void look_at_places() {
    const Result<TemporaryFolder> folder = TemporaryFolder::make();
    if (folder.has_error()) {
      add("disk", "temporary folder", FindingState::problem, folder.error().message,
          "export TMPDIR=/var/tmp");
      return;
    }
    const fs::path trial = is_project_ ? layout_.home() : folder.value().path();
    // In a folder of its own: the trial makes it, and removes it with all that it holds.
    const Result<void> overlay =
        platform::try_overlay(trial / ("konductor-trial-" + std::to_string(::getpid())));
    findings_.push_back(
        judge_overlay(config_.git.overlay, overlay.has_error() ? overlay.error().message : ""));
    const platform::RepositoryFacts repository = platform::look_at_repository(layout_.root);
    for (Finding& finding : judge_git(repository, git_version(folder.value().path()), config_))
      findings_.push_back(std::move(finding));
    std::error_code error;
    const fs::space_info space = fs::space(trial, error);
    if (!error) findings_.push_back(judge_disk(space.available, trial.string()));
    const Result<void> journal = platform::try_journal(trial);
    if (journal.has_error())
      add("disk", "database", FindingState::problem, journal.error().message,
          "move the project to a local file system");
    else
      add("disk", "database", FindingState::ok, "SQLite can write ahead in " + trial.string());
  }

  const CommonOptions& common_;
  const std::vector<std::string>& environment_;
  platform::PosixFileStore files_;
  driver::ProjectLayout layout_;
  bool is_project_ = false;
  config::Config config_;
  std::vector<Finding> findings_;
};

}  // namespace

int run_doctor_command(const CommonOptions& common, Surroundings& around) {
  const std::vector<Finding> findings = Examination(common, around).run();
  if (common.is_json)
    print_json(around.out, doctor_json(findings));
  else
    around.out << doctor_text(findings, make_output_paint(around), common.is_quiet);
  return doctor_exit(findings);
}

}  // namespace konductor::cli
