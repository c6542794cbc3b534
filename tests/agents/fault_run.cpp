// SPDX-License-Identifier: MIT
#include "agents/fault_run.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

namespace e2e {

namespace fs = std::filesystem;

namespace {

constexpr int kPatience = 270;  // Seconds; less than ctest's.

std::string content_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// The state and the parent of a process, as /proc tells them; nothing when it is gone.
struct Status {
  char state = 'X';
  pid_t parent = 0;
};

Status status_of(pid_t pid) {
  const std::string text = content_of("/proc/" + std::to_string(pid) + "/stat");
  Status status;
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return status;
  std::istringstream fields(text.substr(name_end + 1));
  fields >> status.state >> status.parent;
  return status;
}

bool is_alive(pid_t pid) {
  const char state = status_of(pid).state;
  return state != 'X' && state != 'Z';
}

}  // namespace

json draft_step() {
  return {{"text", "I write a draft."},
          {"write_file", {{"path", "draft.txt"}, {"content", "draft\n"}}}};
}

json rest_of_work() {
  return {{{"write_file", {{"path", "p1t1.txt"}, {"content", "work\n"}}}},
          {{"write_file",
            {{"path", "{{output}}"},
             {"content", "## Status: DONE\n\n## Files Created\n\n- `p1t1.txt`\n"}}}},
          {{"text", "Done."}}};
}

json steps_until(const json& fault) {
  return {draft_step(), fault};
}

FaultRun::FaultRun(const std::string& agent, std::string fault, const std::vector<json>& scenes)
    : agent_(agent), fault_(std::move(fault)), scenario_(agent, script(scenes)) {
  scenario_.set("features.code_review", "false");
  scenario_.set("execution.grace_period", "\"2s\"");
  scenario_.plan(1, {"a task"});
}

FaultOutcome FaultRun::meet(const Words& more) {
  return meet(*scenario_.start_execute(more));
}

FaultOutcome FaultRun::meet(Program& program) {
  met_ = FaultOutcome{};
  met_.ended = program.wait(kPatience);
  UNSCOPED_INFO(met_.ended.err);
  for (const json& event : scenario_.events("attempt_finished")) {
    UNSCOPED_INFO(event.dump());
    met_.causes.push_back(event.at("cause"));
    met_.seconds.push_back(event.at("seconds"));
  }
  met_.failed_tasks = scenario_.events("task_failed").size();
  for (const json& request : scenario_.requests())
    is_draft_written_ = is_draft_written_ || request.value("step", 0) > 0;
  CHECK(living().empty());
  return met_;
}

void FaultRun::go_on() {
  for (const char* limit : {"limits.silence", "limits.steps", "limits.repeats"})
    scenario_.unset(limit);
  scenario_.set("limits.timeout", "\"4m\"");
  const Ended ended = scenario_.start_execute()->wait(kPatience);
  UNSCOPED_INFO(ended.err);
  CHECK(ended.exit == 0);
  // One that was still waiting when the run ended is told first.
  Words causes = scenario_.causes();
  std::erase(causes, "interrupted");
  CHECK(causes == Words{"done"});
  CHECK(living().empty());
}

void FaultRun::check_nothing_lost() {
  CHECK(scenario_.is_task_filed(1, 1));
  CHECK(scenario_.tree().count("p1t1.txt") == 1);
  CHECK((is_draft_kept() || !is_draft_written_));
  const char* table = std::getenv("KONDUCTOR_FAULT_TABLE");
  if (table == nullptr) return;
  const json cell = {{"agent", agent_},
                     {"fault", fault_},
                     {"causes", met_.causes},
                     {"seconds", met_.seconds},
                     {"exit", met_.ended.exit}};
  const std::string line = cell.dump() + "\n";
  // Other tests write their lines at the same time.
  const int file = ::open(table, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  REQUIRE(file >= 0);
  const ssize_t written = ::write(file, line.data(), line.size());
  ::close(file);
  CHECK(written == static_cast<ssize_t>(line.size()));
}

pid_t FaultRun::wait_for_tool(const Program& program, const std::string& file) {
  const fs::path path = scenario_.home() / file;
  const bool is_there = scenario_.wait_while_running([&] { return !content_of(path).empty(); });
  CAPTURE(program.pid());
  REQUIRE(is_there);
  return std::stoi(content_of(path));
}

pid_t FaultRun::leader() {
  const std::vector<pid_t> all = living();
  for (const pid_t pid : all) {
    const pid_t parent = status_of(pid).parent;
    const std::string around = content_of("/proc/" + std::to_string(parent) + "/environ");
    if (around.find("KONDUCTOR_ROLE=") == std::string::npos) return pid;
  }
  FAIL("no agent is running");
  return 0;
}

std::vector<pid_t> FaultRun::living() {
  const std::string token = "HOME=" + scenario_.home().string() + '\0';
  std::vector<pid_t> list;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string environment = content_of(entry.path() / "environ");
    const bool is_ours = environment.find(token) != std::string::npos &&
                         environment.find("KONDUCTOR_ROLE=") != std::string::npos;
    if (is_ours && is_alive(std::stoi(name))) list.push_back(std::stoi(name));
  }
  return list;
}

bool FaultRun::is_draft_kept() {
  if (scenario_.tree().count("draft.txt") == 1) return true;
  std::istringstream references(
      scenario_.git({"for-each-ref", "--format=%(objecttype) %(refname)", "refs/konductor/"}));
  std::string type;
  std::string reference;
  while (references >> type >> reference) {
    if (type != "commit") continue;
    const std::string files = scenario_.git({"ls-tree", "-r", "--name-only", reference});
    if (("\n" + files).find("\ndraft.txt\n") != std::string::npos) return true;
  }
  return false;
}

}  // namespace e2e
