// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/temp_dir.hpp"

// What the end-to-end tests are written with: a throw-away project, the real program, and a
// scripted agent that tells what happened to it.
namespace e2e {

using nlohmann::json;
using Words = std::vector<std::string>;

// Time after which a program that should have ended is taken for hung.
inline constexpr int kPatienceSeconds = 90;

// How a program ended. `exit` is minus the signal's number when a signal ended it.
struct Ended {
  int exit = -1;
  std::string out;
  std::string err;
  double seconds = 0;

  // stdout as JSON; throws when it is not exactly one document.
  [[nodiscard]] json document() const { return json::parse(out); }
};

// A started program, in a process group of its own. The destructor kills it when it still runs.
class Program {
 public:
  Program(const Words& argv, const Words& environment, const std::filesystem::path& directory,
          const std::filesystem::path& outputs);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  [[nodiscard]] pid_t pid() const { return pid_; }
  void send(int signal) const;
  [[nodiscard]] bool is_running();
  // Waits for its end; after `seconds` it is killed and the test fails.
  Ended wait(int seconds = kPatienceSeconds);

 private:
  std::filesystem::path outputs_;
  pid_t pid_ = -1;
  int status_ = 0;
  bool is_reaped_ = false;
  double started_ = 0;
};

// Checks again and again until it holds; false after `seconds`.
bool wait_until(const std::function<bool()>& holds, int seconds = kPatienceSeconds);

struct Task {
  std::string title;        // Directives of the scripted agent.
  std::string files = {};   // Markdown; "" is one file of the task's own, "none" is none.
  std::string verify = {};  // "" tests that the task's own file is there.
  std::string action = {};
};

struct Plan {
  int number = 1;
  int wave = 1;
  std::vector<int> depends_on = {};
  std::vector<Task> tasks = {};
  std::vector<std::string> artifacts = {};
  std::string more = {};  // Further lines of the frontmatter's top table.
};

// The name of the file that a task declares when it says nothing else: "p1t2.txt".
std::string own_file(int plan, int task);
// A plan file's text.
std::string plan_text(const Plan& plan, const std::string& phase = "01");

// What one line of the agent's log says of an attempt.
struct Attempt {
  std::string role;
  std::string reason;
  int plan = 0;
  int task = 0;
  int attempt = 0;
  int slot = 0;
  pid_t pid = 0;
  std::string run;
  std::string cwd;
  std::int64_t began = 0;  // Nanoseconds of the monotonic clock.
  std::int64_t ended = 0;  // 0 when it was not seen to end by itself.
  json start;              // The whole line.

  // "executor 1/2 execute", "code-reviewer holistic".
  [[nodiscard]] std::string text() const;
};

enum class Where { in_repository, outside_of_git };

// A temporary project with the scripted agent as its runtime. Everything in it is gone afterwards,
// processes too.
class Scenario {
 public:
  explicit Scenario(Where where = Where::in_repository);
  Scenario(const Scenario&) = delete;
  Scenario& operator=(const Scenario&) = delete;
  ~Scenario();

  // --- Setting the scene ---

  // Sets a key of the project's configuration; `literal` is TOML.
  Scenario& set(const std::string& key, const std::string& literal);
  Scenario& unset(const std::string& key);
  // An environment variable of the program.
  Scenario& with_environment(const std::string& name, const std::string& value);
  // A command that programs are started by, with them and their arguments behind its own.
  Scenario& behind(const Words& command);
  // Programs run as a user without privileges, who owns all files. Only for root.
  Scenario& as_somebody();
  // What phase-wide roles do.
  Scenario& holistic(const std::string& directives);
  Scenario& plan(const Plan& plan);
  // Plans 1, 2, …, with these tasks: each in a wave of its own, and after the one before.
  Scenario& plans_in_waves(const std::vector<std::vector<Task>>& plans);
  // One plan of wave 1, with one task a title.
  Scenario& plan(int number, const Words& titles);
  void write(const std::filesystem::path& path, std::string_view text) const;
  void commit_all(const std::string& message) const;
  // Opens the door that tasks "waits <name>" stand before.
  void open_door(const std::string& name) const;

  // --- Acting ---

  // Runs `konductor` with these arguments in the project.
  Ended run(const Words& arguments);
  // Runs `konductor execute 01 --events FILE …`; the file is new every time.
  Ended execute(const Words& more = {});
  std::unique_ptr<Program> start(const Words& arguments);
  std::unique_ptr<Program> start_execute(const Words& more = {});
  // Kills the engine when the agents' log says `what`.
  void execute_and_kill_at(const std::string& what);
  // Output of git in the project; the test fails when git does.
  std::string git(const Words& arguments) const;

  // --- Looking ---

  std::filesystem::path project() const { return project_; }
  std::filesystem::path home() const { return root_ / "home"; }
  std::filesystem::path agent_directory() const { return root_ / "agent"; }
  std::filesystem::path plans() const;
  std::filesystem::path konductor() const { return project_ / ".konductor"; }
  // Paths are relative to the project.
  std::string read(const std::filesystem::path& path) const;
  bool exists(const std::filesystem::path& path) const;
  // A file of the plans' folder: "001-summary.md".
  std::string plan_file(const std::string& name) const;
  bool has_plan_file(const std::string& name) const;
  // True when the task's summary says that its reviews passed.
  bool is_task_filed(int plan, int task) const;

  std::vector<Attempt> attempts() const;
  // Those of one role (and one task).
  std::vector<Attempt> attempts(const std::string& role, int plan = -1, int task = -1) const;
  // Reasons of a task's attempts of a role, in order.
  Words reasons(const std::string& role, int plan, int task) const;
  // Lines of the agent's log that say `what`.
  std::vector<json> log(const std::string& what) const;
  // The prompt of an attempt: "executor-1-2-1".
  std::string prompt(const std::string& attempt) const;
  std::map<std::string, std::string> environment_of(const std::string& attempt) const;
  // Processes of the scripted agent, and what it left, that still live.
  std::vector<pid_t> living_agents() const;

  // Events of the last `execute`.
  std::vector<json> events() const;
  std::vector<json> events(const std::string& type) const;
  // Waits until it holds; gives up when the program that was started last has ended.
  bool wait_while_running(const std::function<bool()>& holds) const;
  // Waits until the running `execute` has streamed such an event.
  bool wait_for_event(const std::string& type, std::size_t count = 1) const;
  bool wait_for_log(const std::string& what, std::size_t count = 1) const;

  // A value of state.toml: "current.step"; "" when it is not there.
  std::string state(const std::string& key) const;
  // Reasons of the unresolved blockers in state.toml.
  Words blockers() const;
  // Content of every file of the user's tree, `.konductor` and `.git` left out.
  std::map<std::string, std::string> tree() const;
  std::size_t count_worktrees() const;

 private:
  void write_config() const;
  Words environment() const;

  konductor::test::TempDir root_;
  std::filesystem::path project_;
  std::map<std::string, std::string> settings_;
  std::map<std::string, std::string> environment_;
  Words starter_;
  bool is_somebody_ = false;
  std::string last_events_;
  int programs_ = 0;
  pid_t last_pid_ = 0;
};

// Runs a program to its end; for git and the agent itself.
Ended run_program(const Words& argv, const Words& environment,
                  const std::filesystem::path& directory);

}  // namespace e2e
