// SPDX-License-Identifier: MIT
#include "e2e/aftermath.hpp"

#include <catch2/catch.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "engine/event.hpp"
#include "platform/sqlite_journal.hpp"

namespace e2e {

namespace fs = std::filesystem;

namespace {

std::string without_moments(const std::string& text) {
  static const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)");
  static const std::regex commit(R"(\b([0-9a-f]{40}|[0-9a-f]{12})\b)");
  return std::regex_replace(std::regex_replace(text, time, "TIME"), commit, "COMMIT");
}

std::string sorted_lines(const std::string& text) {
  std::istringstream lines(text);
  std::multiset<std::string> sorted;
  for (std::string line; std::getline(lines, line);)
    sorted.insert(line);
  std::string list;
  for (const std::string& line : sorted)
    list += line + "\n";
  return list;
}

// References but those that keep an interrupted attempt's work.
std::string references(const Scenario& scenario) {
  std::istringstream lines(scenario.git({"for-each-ref", "--format=%(refname)"}));
  std::string list;
  std::string line;
  while (std::getline(lines, line)) {
    const bool is_kept =
        line.rfind("refs/konductor/", 0) == 0 && line.rfind("refs/konductor/01/", 0) != 0;
    if (!is_kept) list += line + "\n";
  }
  return list;
}

// Half-written git objects are left out: they are removed only when they are old.
bool is_temporary(const fs::path& path) {
  const std::string name = path.filename();
  return path.extension() == ".lock" || path.extension() == ".tmp" ||
         name.rfind("konductor-01-", 0) == 0 || name.rfind(".trash", 0) == 0;
}

// Files that only a program at work has.
std::string temporary_files(const fs::path& top) {
  std::set<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(top))
    if (is_temporary(entry.path())) found.insert(entry.path().lexically_relative(top));
  std::string list;
  for (const std::string& path : found)
    list += path + "\n";
  return list;
}

void add_repository(const Scenario& scenario, Aftermath& found) {
  found["git: tree of main"] = scenario.git({"rev-parse", "main^{tree}"});
  found["git: commits of main"] =
      sorted_lines(scenario.git({"log", "--no-merges", "--format=%s", "main"}));
  found[kHistory] =
      without_moments(scenario.git({"log", "--topo-order", "--format=%s (%P)", "main"}));
  found["git: status"] = scenario.git({"status", "--porcelain", "--ignored", "--branch"});
  found["git: references"] = references(scenario);
  found["git: HEAD"] = scenario.git({"symbolic-ref", "HEAD"});
  found["git: worktrees"] = std::to_string(scenario.count_worktrees());
  found["git: integrity"] = scenario.git({"fsck", "--no-dangling", "--no-progress"});
}

void add_records(const Scenario& scenario, Aftermath& found) {
  for (auto it = fs::recursive_directory_iterator(scenario.konductor());
       it != fs::recursive_directory_iterator(); ++it) {
    const fs::path path = it->path().lexically_relative(scenario.project());
    const std::string name = it->path().filename();
    const bool is_journal = name.rfind("konductor.db", 0) == 0;
    const bool is_left_out = name == "runs" || name == "snapshots.git";
    if (is_left_out) it.disable_recursion_pending();
    if (is_left_out || is_journal || it->is_directory()) continue;
    found[path] = without_moments(scenario.read(path));
  }
}

template <class Visit>
void replay(const Scenario& scenario, Visit visit) {
  auto journal = konductor::platform::SqliteJournal::open_read_only(
      scenario.konductor() / "konductor.db", "01");
  REQUIRE(journal.has_value());
  const auto done = journal.value()->replay([&](konductor::engine::Event&& event) {
    visit(event);
    return konductor::Result<void>();
  });
  REQUIRE(done.has_value());
}

}  // namespace

Aftermath aftermath_of(const Scenario& scenario) {
  Aftermath found;
  for (const auto& [path, text] : scenario.tree())
    found["the user's " + path] = text;
  if (scenario.exists(".git")) add_repository(scenario, found);
  found["temporary files"] = temporary_files(scenario.project());
  found["living agents"] = std::to_string(scenario.living_agents().size());
  add_records(scenario, found);
  return found;
}

std::string difference(const Aftermath& expected, const Aftermath& found) {
  std::string lines;
  for (const auto& [name, text] : expected) {
    const auto other = found.find(name);
    if (other == found.end())
      lines += name + " is missing\n";
    else if (other->second != text)
      lines += name + " should be:\n" + text + "\nand is:\n" + other->second + "\n";
  }
  for (const auto& [name, text] : found)
    if (expected.count(name) == 0) lines += name + " should not be there:\n" + text + "\n";
  return lines;
}

std::string repeated_tasks(const Scenario& scenario) {
  std::set<std::pair<int, int>> completed;
  std::string lines;
  replay(scenario, [&](const konductor::engine::Event& event) {
    namespace kinds = konductor::engine::event;
    if (const auto* done = std::get_if<kinds::task_completed>(&event.body))
      completed.insert({done->plan, done->task});
    const auto* started = std::get_if<kinds::attempt_started>(&event.body);
    if (started != nullptr && completed.count({started->plan, started->task}) != 0)
      lines += std::to_string(started->plan) + "/" + std::to_string(started->task) + " " +
               started->role + " attempt " + std::to_string(started->attempt) + "\n";
  });
  return lines;
}

std::size_t count_attempts(const Scenario& scenario) {
  std::size_t count = 0;
  replay(scenario, [&](const konductor::engine::Event& event) {
    if (std::holds_alternative<konductor::engine::event::attempt_started>(event.body)) ++count;
  });
  return count;
}

}  // namespace e2e
