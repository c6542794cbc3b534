// SPDX-License-Identifier: MIT
#include "e2e/scenario.hpp"

#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace e2e {

namespace fs = std::filesystem;

namespace {

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

std::string join(const Words& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : std::string(separator)) + word;
  return text;
}

constexpr uid_t kSomebody = 65534;

void give_away(const fs::path& top) {
  const auto give = [](const fs::path& path) {
    if (::lchown(path.c_str(), kSomebody, kSomebody) != 0)
      throw std::runtime_error("cannot give away " + path.string());
  };
  give(top);
  for (const auto& entry : fs::recursive_directory_iterator(top))
    give(entry.path());
}

std::string three_digits(int number) {
  const std::string text = std::to_string(number);
  return std::string(text.size() < 3 ? 3 - text.size() : 0, '0') + text;
}

std::string task_text(int plan, int number, const Task& task) {
  const std::string own = own_file(plan, number);
  const std::string files = task.files.empty() ? "`" + own + "`" : task.files;
  const bool has_own_file = task.files.empty();
  const std::string verify = !task.verify.empty() ? task.verify
                             : has_own_file       ? "`test -s " + own + "` passes"
                                                  : "`true` passes";
  const std::string action =
      task.action.empty() ? "action-of-" + std::to_string(plan) + "-" + std::to_string(number)
                          : task.action;
  return "### Task " + std::to_string(number) + ": " + task.title + "\n\n- **files:** " + files +
         "\n- **action:** " + action + "\n- **verify:** " + verify +
         "\n- **done:** It is there.\n\n";
}

}  // namespace

std::string own_file(int plan, int task) {
  return "p" + std::to_string(plan) + "t" + std::to_string(task) + ".txt";
}

std::string plan_text(const Plan& plan, const std::string& phase) {
  Words depends_on;
  for (const int number : plan.depends_on)
    depends_on.push_back(std::to_string(number));
  Words artifacts;
  for (const std::string& path : plan.artifacts)
    artifacts.push_back(quoted(path));
  std::ostringstream text;
  text << "+++\nphase = " << quoted(phase) << "\nplan = " << plan.number << "\nwave = " << plan.wave
       << "\ntitle = \"Plan " << plan.number << "\"\ndepends_on = [" << join(depends_on, ", ")
       << "]\n"
       << plan.more << (plan.more.empty() ? "" : "\n")
       << "\n[must_haves]\ntruths = [\"it works\"]\nartifacts = [" << join(artifacts, ", ")
       << "]\n+++\n\n# Plan " << plan.number << "\n\n## Goal\n\ngoal-of-plan-" << plan.number
       << "\n\n## Tasks\n\n";
  int number = 0;
  for (const Task& task : plan.tasks)
    text << task_text(plan.number, ++number, task);
  return text.str();
}

Scenario::Scenario(Where where) : project_(root_ / "project") {
  for (const fs::path& folder : {home(), agent_directory(), root_ / "tmp", plans()})
    fs::create_directories(folder);
  write("README.md", "# A project\n");
  write(".gitignore", "build/\n");
  write(".konductor/project.md", "project-context-marker\n");
  write(".konductor/state.toml",
        "[project]\nname = \"sample\"\n\n[current]\nphase = \"01\"\nstep = \"planned\"\n"
        "status = \"idle\"\n");
  set("general.default_runtime", "\"fake\"");
  set("runtimes.fake.kind", "\"command\"");
  set("runtimes.fake.command", "[\"" KONDUCTOR_FAKE_AGENT "\"]");
  set("runtimes.fake.pass_env", R"(["FAKE_AGENT_DIR", "FAKE_AGENT_PROJECT"])");
  set("execution.grace_period", "\"500ms\"");
  with_environment("FAKE_AGENT_DIR", agent_directory());
  with_environment("FAKE_AGENT_PROJECT", project_);
  if (where == Where::outside_of_git) return;
  git({"init", "-q", "-b", "main"});
  git({"config", "user.name", "Ada"});
  git({"config", "user.email", "ada@example.org"});
  git({"add", "README.md", ".gitignore"});
  git({"commit", "-q", "-m", "start"});
}

Scenario::~Scenario() {
  for (const pid_t pid : living_agents())
    ::kill(pid, SIGKILL);
}

// --- Setting the scene ---

Scenario& Scenario::set(const std::string& key, const std::string& literal) {
  settings_[key] = literal;
  write_config();
  return *this;
}

Scenario& Scenario::unset(const std::string& key) {
  settings_.erase(key);
  write_config();
  return *this;
}

Scenario& Scenario::with_environment(const std::string& name, const std::string& value) {
  environment_[name] = value;
  return *this;
}

Scenario& Scenario::behind(const Words& command) {
  starter_ = command;
  return *this;
}

Scenario& Scenario::as_somebody() {
  is_somebody_ = true;
  const std::string id = std::to_string(kSomebody);
  write(home() / ".gitconfig", "[safe]\n\tdirectory = *\n");
  return behind({"setpriv", "--reuid", id, "--regid", id, "--clear-groups"});
}

Scenario& Scenario::holistic(const std::string& directives) {
  return set("runtimes.fake.env.FAKE_AGENT_PHASE", quoted(directives));
}

Scenario& Scenario::plan(const Plan& plan) {
  write(plans() / (three_digits(plan.number) + ".md"), plan_text(plan));
  return *this;
}

Scenario& Scenario::plans_in_waves(const std::vector<std::vector<Task>>& plans) {
  Plan next;
  for (next.number = 1; next.number <= static_cast<int>(plans.size()); ++next.number) {
    next.wave = next.number;
    if (next.number > 1) next.depends_on = {next.number - 1};
    next.tasks = plans[static_cast<std::size_t>(next.number - 1)];
    plan(next);
  }
  return *this;
}

Scenario& Scenario::plan(int number, const Words& titles) {
  Plan one;
  one.number = number;
  for (const std::string& title : titles)
    one.tasks.push_back(Task{title});
  return plan(one);
}

void Scenario::write(const fs::path& path, std::string_view text) const {
  const fs::path full = project_ / path;
  fs::create_directories(full.parent_path());
  std::ofstream stream(full, std::ios::binary | std::ios::trunc);
  stream << text;
  if (!stream.flush()) throw std::runtime_error("cannot write " + full.string());
}

void Scenario::commit_all(const std::string& message) const {
  git({"add", "-A", "--", ".", ":!.konductor"});
  git({"commit", "-q", "-m", message});
}

void Scenario::open_door(const std::string& name) const {
  write(agent_directory() / name, "open\n");
}

void Scenario::write_config() const {
  std::map<std::string, std::string> tables;
  for (const auto& [key, literal] : settings_) {
    const auto dot = key.rfind('.');
    tables[key.substr(0, dot)] += key.substr(dot + 1) + " = " + literal + "\n";
  }
  std::string text;
  for (const auto& [name, lines] : tables)
    text += "[" + name + "]\n" + lines + "\n";
  write(".konductor/config.toml", text);
}

Words Scenario::environment() const {
  const char* path = std::getenv("PATH");
  std::map<std::string, std::string> variables = {
      {"PATH", path == nullptr ? "/usr/bin:/bin" : path},
      {"HOME", home()},
      {"LANG", "C.UTF-8"},
      {"TMPDIR", root_ / "tmp"}};
  for (const auto& [name, value] : environment_)
    variables[name] = value;
  Words list;
  for (const auto& [name, value] : variables)
    list.push_back(name + "=" + value);
  return list;
}

// --- Acting ---

std::unique_ptr<Program> Scenario::start(const Words& arguments) {
  Words argv = starter_;
  argv.emplace_back(KONDUCTOR_BINARY_DIR "/konductor");
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const fs::path outputs = root_ / "outputs" / std::to_string(++programs_);
  if (is_somebody_) give_away(root_.path());
  auto program = std::make_unique<Program>(argv, environment(), project_, outputs);
  last_pid_ = program->pid();
  return program;
}

std::unique_ptr<Program> Scenario::start_execute(const Words& more) {
  last_events_ = root_ / ("events-" + std::to_string(programs_ + 1) + ".jsonl");
  Words arguments = {"execute", "01", "--events", last_events_};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return start(arguments);
}

void Scenario::execute_and_kill_at(const std::string& what) {
  const auto engine = start_execute();
  REQUIRE(wait_for_log(what));
  engine->send(SIGKILL);
  engine->wait();
}

Ended Scenario::run(const Words& arguments) {
  return start(arguments)->wait();
}

Ended Scenario::execute(const Words& more) {
  return start_execute(more)->wait();
}

std::string Scenario::git(const Words& arguments) const {
  Words argv = {"git"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const Ended ended = run_program(argv, environment(), project_);
  if (ended.exit != 0) throw std::runtime_error("git " + join(arguments, " ") + ": " + ended.err);
  return ended.out;
}

}  // namespace e2e
