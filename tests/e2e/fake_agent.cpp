// SPDX-License-Identifier: MIT
// The program of the tests' `command` runtime. See agent/agent.hpp for how a title picks what it
// does, and the tables in agent/*.cpp for what there is.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "e2e/agent/agent.hpp"

extern char** environ;

namespace {

namespace fs = std::filesystem;

// Pids of the children that earlier attempts left and that are still alive, as JSON members.
std::string living_children(const fake::Agent& agent) {
  std::string list;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(agent.directory / "children", ignored)) {
    const std::string pid = entry.path().filename();
    const std::string status = fake::read_text("/proc/" + pid + "/stat");
    const bool is_alive = !status.empty() && status.find(") Z ") == std::string::npos;
    if (is_alive) list += (list.empty() ? "" : ",") + pid;
  }
  return "\"living_children\":[" + list + "]";
}

// What the engine handed down besides words: blocked and ignored signals, open descriptors.
std::string inheritance() {
  const std::string status = fake::read_text("/proc/self/status");
  std::string members;
  for (const std::string name : {"SigBlk", "SigIgn"}) {
    const auto at = status.find(name + ":\t");
    members += "\"" + name + "\":\"" + status.substr(at + name.size() + 2, 16) + "\",";
  }
  std::string list;
  for (int descriptor = 0; descriptor < 256; ++descriptor)
    if (::fcntl(descriptor, F_GETFD) >= 0)
      list += (list.empty() ? "" : ",") + std::to_string(descriptor);
  return members + "\"descriptors\":[" + list + "]";
}

// Names at the top of the workspace as the attempt finds it.
std::string workspace_files() {
  std::string list;
  for (const auto& entry : fs::directory_iterator(".")) {
    const std::string name = entry.path().filename();
    if (name != ".git" && name != ".konductor") list += (list.empty() ? "\"" : ",\"") + name + "\"";
  }
  return "\"files\":[" + list + "]";
}

void record(const fake::Agent& agent, int argc, char** argv) {
  std::string variables;
  for (char** entry = environ; *entry != nullptr; ++entry)
    variables += std::string(*entry) + "\n";
  fake::write_text(agent.directory / "environment" / agent.name(), variables);
  fake::write_text(agent.directory / "prompts" / agent.name(), agent.prompt);
  std::string words;
  for (int i = 0; i < argc; ++i)
    words += std::string(argv[i]) + "\n";
  fake::write_text(agent.directory / "arguments" / agent.name(), words);
}

int act(fake::Agent& agent) {
  if (agent.role == "executor") return fake::execute(agent);
  if (agent.role == "spec-reviewer") return fake::review_spec(agent);
  if (agent.role == "code-reviewer" && agent.plan == 0) return fake::review_phase(agent);
  if (agent.role == "code-reviewer") return fake::review_code(agent);
  if (agent.role == "researcher") return fake::research(agent);
  if (agent.role == "assessor") return fake::assess(agent);
  std::fprintf(stderr, "fake_agent: no behaviour for role \"%s\"\n", agent.role.c_str());
  return 9;
}

}  // namespace

int main(int argc, char** argv) {
  fake::Agent agent = fake::read_agent();
  if (agent.directory.empty()) {
    std::fprintf(stderr, "fake_agent: FAKE_AGENT_DIR is not set\n");
    return 9;
  }
  const std::string inherited = inheritance();
  record(agent, argc, argv);
  fake::log_line(agent, "start",
                 living_children(agent) + "," + inherited + "," + workspace_files());
  std::printf("%s begins\n", agent.name().c_str());
  std::fflush(stdout);
  const int exit_code = act(agent);
  fake::log_line(agent, "end", "\"exit\":" + std::to_string(exit_code));
  return exit_code;
}
