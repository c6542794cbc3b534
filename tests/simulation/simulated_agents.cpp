// SPDX-License-Identifier: MIT
#include "simulation/simulated_agents.hpp"

#include <csignal>
#include <fstream>

#include "base/text.hpp"

namespace konductor::test {
namespace {

int number_in(const FakeCall& call, std::string_view name) {
  const std::string text = call.variable(name);
  return text.empty() ? 0 : std::stoi(text);
}

// Really: what agents hand in and print is read past the file store.
void put(const std::filesystem::path& path, std::string_view text) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

std::string own_file(const TaskAddress& task) {
  return "p" + std::to_string(task.plan) + "t" + std::to_string(task.task) + ".txt";
}

std::string work_text(const std::string& file) {
  return "the work of " + file + ", by attempt ";
}

std::string task_text(const TaskAddress& task, bool is_sharing) {
  const std::string file = own_file(task);
  const std::string also = is_sharing ? std::string(", `") + kSharedFile + "`" : "";
  return "### Task " + std::to_string(task.task) + ": Write " + file + "\n\n- **files:** `" + file +
         "`" + also +
         "\n- **action:** Write it.\n- **verify:** It is there.\n- **done:** It is there.\n\n";
}

FakeBehaviour SimulatedAgents::behave(Agents agents) {
  FakeBehaviour behaviour;
  behaviour.ending = FakeBehaviour::Ending::when_told;
  behaviour.work = [this, agents](const FakeCall& finished) { work(agents, finished); };
  if (agents == Agents::honest) return behaviour;
  if (dice_.chance(20)) behaviour.ignores_term = true;
  if (dice_.chance(10)) behaviour.strays = 2;
  if (dice_.chance(4)) behaviour.ending = FakeBehaviour::Ending::never;
  if (speak_claude && dice_.chance(8)) {
    behaviour.exit = {1, 0};
    behaviour.work = [this](const FakeCall& refused) { refuse(refused); };
    return behaviour;
  }
  if (dice_.chance(8)) behaviour.exit = {1, 0};
  if (dice_.chance(4)) behaviour.exit = {-1, SIGSEGV};
  return behaviour;
}

void SimulatedAgents::work(Agents agents, const FakeCall& call) {
  const std::string role = call.variable("KONDUCTOR_ROLE");
  const int plan = number_in(call, "KONDUCTOR_PLAN");
  const bool is_wild = agents == Agents::wild;
  if (!workspaces_.is_open(plan)) return;
  std::string document;
  if (role == "executor") {
    document = execute(agents, call);
  } else if (role == "researcher") {
    document = "## Context\n\nIt is port 80.\n";
  } else if (role == "assessor") {
    document = assess(agents, call);
  } else {
    if (is_wild && dice_.chance(4)) workspaces_.write(plan, "mine.txt", "by a reviewer");
    document = review(agents);
  }
  if (speak_claude && !(is_wild && dice_.chance(4)))
    put(call.spec.stdout_path,
        R"({"type":"result","subtype":"success","is_error":false,"result":"done",)"
        R"("usage":{"input_tokens":200,"output_tokens":50}})");
  if (is_wild && dice_.chance(5)) return;
  put(call.variable("KONDUCTOR_OUTPUT"), document);
}

std::string SimulatedAgents::execute(Agents agents, const FakeCall& call) {
  const int plan = number_in(call, "KONDUCTOR_PLAN");
  const bool is_wild = agents == Agents::wild;
  if (!is_wild || !dice_.chance(5)) write_work(call);
  if (is_wild && dice_.chance(4)) workspaces_.touch_guarded(plan, "branch \"main\" was moved");
  if (is_wild && dice_.chance(4)) workspaces_.move_head(plan);
  return summary(agents);
}

// The same text whoever writes it, but for the attempt's number: an attempt that changes nothing
// has done nothing.
void SimulatedAgents::write_work(const FakeCall& call) {
  const TaskAddress task{number_in(call, "KONDUCTOR_PLAN"), number_in(call, "KONDUCTOR_TASK")};
  if (task.plan == 0) {
    workspaces_.write(0, "holistic.txt", call.variable("KONDUCTOR_ATTEMPT") + "\n");
    return;
  }
  if (task.task == 0) {
    fix_merge(task.plan);
    return;
  }
  const auto part = auditor_.sub_tasks().find(task);
  const std::vector<std::string> files =
      part == auditor_.sub_tasks().end() ? std::vector<std::string>{own_file(task)} : part->second;
  for (const std::string& file : files)
    workspaces_.write(task.plan, file, work_text(file) + call.variable("KONDUCTOR_ATTEMPT") + "\n");
  if (sharing.count(task) == 0) return;
  const auto& tree = workspaces_.tree(task.plan);
  const auto shared = tree.find(kSharedFile);
  std::string text = shared == tree.end() ? "" : shared->second;
  const std::string line = "by " + name_of(task) + "\n";
  if (text.find(line) == std::string::npos) text += line;
  workspaces_.write(task.plan, kSharedFile, text);
}

// Each line of either side, once.
void SimulatedAgents::fix_merge(int plan) {
  const auto& tree = workspaces_.tree(plan);
  const auto shared = tree.find(kSharedFile);
  if (shared == tree.end()) return;
  std::set<std::string> lines;
  for (const std::string_view line : split_lines(shared->second))
    if (line.rfind("by ", 0) == 0) lines.emplace(line);
  std::string text;
  for (const std::string& line : lines)
    text += line + "\n";
  workspaces_.write(plan, kSharedFile, text);
}

std::string SimulatedAgents::assess(Agents agents, const FakeCall& call) {
  const std::size_t fate = agents == Agents::wild ? dice_.pick(3) : 0;
  // Whichever of the two questions it was asked.
  if (fate == 0)
    return "## Decision: context\n\n## Context\n\nUse the other key.\n\n"
           "## Concerns\n\n- [informational] unmarked\n";
  if (fate == 1) return "## Decision: escalate\n";
  // Its only part is all of it.
  const TaskAddress task{number_in(call, "KONDUCTOR_PLAN"), number_in(call, "KONDUCTOR_TASK")};
  std::string text = task_text(task, false);
  const std::string heading = "### Task " + std::to_string(task.task);
  return "## Decision: split\n\n## Tasks\n\n### Task 1" + text.substr(heading.size());
}

std::string SimulatedAgents::summary(Agents agents) {
  if (agents == Agents::honest || dice_.chance(70)) return "## Status: DONE\n\nDone.\n";
  switch (dice_.pick(6)) {
    case 0:
      return "## Status: DONE_WITH_CONCERNS\n\n## Concerns\n\n- [actionable] slow\n";
    case 1:
      return "## Status: DONE_WITH_CONCERNS\n\n## Concerns\n\n- [informational] long\n";
    case 2:
      return "## Status: NEEDS_CONTEXT\n\n## Missing Context\n\nWhich port?\n";
    case 3:
      return "## Status: BLOCKED\n\n## Blocker\n\nNo access.\n";
    case 4:
      return "## Status: DONE_WITH_CONCERNS\n\n## Concerns\n\n- unmarked\n";
    default:
      return "## Status: ALMOST\n";
  }
}

std::string SimulatedAgents::review(Agents agents) {
  if (agents == Agents::honest || dice_.chance(75)) return "## Verdict: pass\n\n## Findings\n";
  if (dice_.chance(20)) return "It looks fine.\n";
  return "## Verdict: fail\n\n## Findings\n\n- [significant] a.txt:1 — wrong\n";
}

// The provider refuses, after the agent did a part of its work.
void SimulatedAgents::refuse(const FakeCall& call) {
  const bool has_tree = workspaces_.is_open(number_in(call, "KONDUCTOR_PLAN"));
  if (has_tree && dice_.chance(30))
    workspaces_.write(number_in(call, "KONDUCTOR_PLAN"), "part.txt", "half");
  put(call.spec.stdout_path,
      std::string(R"({"type":"result","subtype":"success","is_error":true,"result":"no",)") +
          R"("api_error_status":)" + (dice_.chance(50) ? "429" : "529") + "}");
}

}  // namespace konductor::test
