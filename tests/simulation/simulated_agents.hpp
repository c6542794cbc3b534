// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "simulation/auditor.hpp"
#include "simulation/dice.hpp"
#include "support/fake_process_launcher.hpp"
#include "support/memory_workspaces.hpp"

namespace konductor::test {

enum class Agents {
  wild,    // Crash, hang, lie, ask, give up and reject, each now and then.
  honest,  // Do what they are asked for.
};

// The file that plans declare together, so that their merges conflict.
inline constexpr const char* kSharedFile = "shared.txt";

std::string own_file(const TaskAddress& task);
// What is in such a file, but for the number of the attempt that wrote it last.
std::string work_text(const std::string& file);
// The text of a task in a plan file.
std::string task_text(const TaskAddress& task, bool is_sharing);

// What the agents of one world do.
class SimulatedAgents {
 public:
  SimulatedAgents(Dice& dice, MemoryWorkspaces& workspaces, const Auditor& auditor)
      : dice_(dice), workspaces_(workspaces), auditor_(auditor) {}

  // Whether their provider may refuse them, which takes a kind whose output is read.
  bool speak_claude = false;
  // The tasks that write the shared file too.
  std::set<TaskAddress> sharing;

  // How a process that starts now is going to behave.
  FakeBehaviour behave(Agents agents);

 private:
  void work(Agents agents, const FakeCall& call);
  std::string execute(Agents agents, const FakeCall& call);
  void write_work(const FakeCall& call);
  void fix_merge(int plan);
  std::string assess(Agents agents, const FakeCall& call);
  std::string summary(Agents agents);
  std::string review(Agents agents);
  void refuse(const FakeCall& call);

  Dice& dice_;
  MemoryWorkspaces& workspaces_;
  const Auditor& auditor_;
};

}  // namespace konductor::test
