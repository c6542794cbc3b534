// SPDX-License-Identifier: MIT
// The half of a scenario that looks at what happened.
#include <unistd.h>

#include <toml++/toml.h>
#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "e2e/scenario.hpp"

namespace e2e {

namespace fs = std::filesystem;

namespace {

std::string read_whole(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// Whole lines only: the last one may still be on its way.
std::vector<json> json_lines(const fs::path& path) {
  std::vector<json> list;
  std::istringstream lines(read_whole(path));
  std::string line;
  while (std::getline(lines, line) && !lines.eof())
    list.push_back(json::parse(line));
  return list;
}

std::string padded(int plan) {
  const std::string text = std::to_string(plan);
  return std::string(text.size() < 3 ? 3 - text.size() : 0, '0') + text;
}

bool is_zombie(const std::string& pid) {
  return read_whole("/proc/" + pid + "/stat").find(") Z ") != std::string::npos;
}

Attempt attempt_from(const json& line) {
  Attempt attempt;
  attempt.role = line.at("role");
  attempt.reason = line.at("reason");
  attempt.plan = line.at("plan");
  attempt.task = line.at("task");
  attempt.attempt = line.at("attempt");
  attempt.slot = line.at("slot");
  attempt.pid = line.at("pid");
  attempt.run = line.at("run");
  attempt.cwd = line.at("cwd");
  attempt.began = line.at("time");
  attempt.start = line;
  return attempt;
}

}  // namespace

std::string Attempt::text() const {
  const std::string where =
      plan == 0 ? "" : " " + std::to_string(plan) + "/" + std::to_string(task);
  return role + where + " " + reason;
}

fs::path Scenario::plans() const {
  return project_ / ".konductor/phases/01/plans";
}

std::string Scenario::read(const fs::path& path) const {
  return read_whole(project_ / path);
}

bool Scenario::exists(const fs::path& path) const {
  return fs::exists(project_ / path);
}

std::string Scenario::plan_file(const std::string& name) const {
  return read_whole(plans() / name);
}

bool Scenario::has_plan_file(const std::string& name) const {
  return fs::exists(plans() / name);
}

bool Scenario::is_task_filed(int plan, int task) const {
  const std::string text =
      plan_file(padded(plan) + "-task-" + std::to_string(task) + "-summary.md");
  return text.find("## Review Status: passed") != std::string::npos;
}

std::vector<json> Scenario::log(const std::string& what) const {
  std::vector<json> list;
  for (json& line : json_lines(agent_directory() / "log.jsonl"))
    if (line.at("what") == what) list.push_back(std::move(line));
  return list;
}

std::vector<Attempt> Scenario::attempts() const {
  std::vector<Attempt> list;
  for (const json& line : json_lines(agent_directory() / "log.jsonl")) {
    if (line.at("what") == "start") list.push_back(attempt_from(line));
    if (line.at("what") != "end") continue;
    for (Attempt& attempt : list)
      if (attempt.pid == line.at("pid") && attempt.ended == 0) attempt.ended = line.at("time");
  }
  return list;
}

std::vector<Attempt> Scenario::attempts(const std::string& role, int plan, int task) const {
  std::vector<Attempt> list = attempts();
  std::erase_if(list, [&](const Attempt& attempt) {
    return attempt.role != role || (plan >= 0 && attempt.plan != plan) ||
           (task >= 0 && attempt.task != task);
  });
  return list;
}

Words Scenario::reasons(const std::string& role, int plan, int task) const {
  Words list;
  for (const Attempt& attempt : attempts(role, plan, task))
    list.push_back(attempt.reason);
  return list;
}

std::string Scenario::prompt(const std::string& attempt) const {
  return read_whole(agent_directory() / "prompts" / attempt);
}

std::map<std::string, std::string> Scenario::environment_of(const std::string& attempt) const {
  std::map<std::string, std::string> variables;
  std::istringstream lines(read_whole(agent_directory() / "environment" / attempt));
  std::string line;
  while (std::getline(lines, line)) {
    const auto equals = line.find('=');
    if (equals != std::string::npos) variables[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return variables;
}

std::vector<pid_t> Scenario::living_agents() const {
  const std::string token = "FAKE_AGENT_DIR=" + agent_directory().string();
  std::set<pid_t> list;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string pid = entry.path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string environment = read_whole("/proc/" + pid + "/environ");
    if (environment.find(token + '\0') == std::string::npos || is_zombie(pid)) continue;
    // The program itself has the variable too, to pass it on, and an agent's supervisor all of it.
    if (read_whole("/proc/" + pid + "/comm") == "konductor-super\n") continue;
    if (environment.find("KONDUCTOR_ROLE=") != std::string::npos) list.insert(std::stoi(pid));
  }
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(agent_directory() / "children", ignored)) {
    const std::string pid = entry.path().filename();
    if (fs::exists("/proc/" + pid) && !is_zombie(pid)) list.insert(std::stoi(pid));
  }
  return {list.begin(), list.end()};
}

std::vector<json> Scenario::events() const {
  return json_lines(last_events_);
}

std::vector<json> Scenario::events(const std::string& type) const {
  std::vector<json> list;
  for (json& event : events())
    if (event.at("type") == type) list.push_back(std::move(event));
  return list;
}

bool Scenario::wait_while_running(const std::function<bool()>& holds) const {
  bool is_over = false;
  wait_until([&] {
    // Looked at first, so that what came with the program's last breath still counts.
    is_over =
        is_zombie(std::to_string(last_pid_)) || !fs::exists("/proc/" + std::to_string(last_pid_));
    return holds() || is_over;
  });
  return holds();
}

bool Scenario::wait_for_event(const std::string& type, std::size_t count) const {
  return wait_while_running([&] { return events(type).size() >= count; });
}

bool Scenario::wait_for_log(const std::string& what, std::size_t count) const {
  return wait_while_running([&] { return log(what).size() >= count; });
}

std::string Scenario::state(const std::string& key) const {
  const toml::table table = toml::parse(read(".konductor/state.toml"));
  return table.at_path(key).value_or(std::string());
}

Words Scenario::blockers() const {
  Words reasons;
  const toml::table table = toml::parse(read(".konductor/state.toml"));
  if (const toml::array* list = table["blockers"].as_array())
    for (const toml::node& node : *list) {
      const toml::table& blocker = *node.as_table();
      if (!blocker["resolved"].value_or(false))
        reasons.push_back(blocker["reason"].value_or(std::string()));
    }
  return reasons;
}

std::map<std::string, std::string> Scenario::tree() const {
  std::map<std::string, std::string> files;
  for (auto it = fs::recursive_directory_iterator(project_);
       it != fs::recursive_directory_iterator(); ++it) {
    const std::string name = it->path().filename();
    if (name == ".konductor" || name == ".git") {
      it.disable_recursion_pending();
    } else if (it->is_regular_file()) {
      files[it->path().lexically_relative(project_)] = read_whole(it->path());
    }
  }
  return files;
}

std::size_t Scenario::count_worktrees() const {
  const std::string list = git({"worktree", "list", "--porcelain"});
  std::size_t count = 0;
  for (auto at = list.find("worktree "); at != std::string::npos;
       at = list.find("\nworktree ", at + 1))
    ++count;
  return count;
}

}  // namespace e2e
