// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "e2e/scenario.hpp"

// What the tests with real agents are written with.
namespace e2e {

// The path of an agent's program below the folders of $KONDUCTOR_TEST_AGENTS, which colons
// separate; "" when it is not installed. "-acp" behind its name is the agent over the Agent Client
// Protocol.
std::string installed_agent(const std::string& name);

// The programs that there are tests for.
inline const Words kAgents = {"claude", "codex", "opencode",   "gemini",
                              "qwen",   "pi",    "claude-acp", "codex-acp"};

// A scenario whose roles are played by a real agent that speaks with a scripted model on this
// machine: a home of its own, a dummy key, no network.
class AgentScenario : public Scenario {
 public:
  // `model` is the content of a scenario file of tests/support/model_server.
  AgentScenario(const std::string& agent, const nlohmann::json& model);

  // Configures another agent, which roles may name as their runtime.
  AgentScenario& add_agent(const std::string& agent);
  // Makes the project the example calculator, with its first plan.
  AgentScenario& with_calculator();
  // Runs the phase, as slowly as such programs start on a busy machine.
  Ended execute(const Words& more = {});

  // Causes of all attempts of the last run, in order.
  [[nodiscard]] Words causes() const;
  // Requests that the model answered, as its log has them.
  [[nodiscard]] std::vector<nlohmann::json> requests() const;

 private:
  void start_model(const nlohmann::json& model);
  void set_up_claude();
  void set_up_codex();
  void set_up_opencode(const std::string& runtime);
  void set_up_gemini(const std::string& runtime);
  void set_up_qwen(const std::string& runtime);
  void set_up_pi();
  void set_up_claude_acp();
  void set_up_codex_acp();
  void write_codex_settings(const std::string& more = "") const;
  // A runtime of kind acp; with the interpreter that is installed with the agents.
  void set_up_acp(const std::string& runtime, const Words& arguments,
                  const std::map<std::string, std::string>& variables);
  // A runtime of kind command whose output is read in the agent's own dialect.
  void set_up_command(const std::string& agent, const Words& arguments,
                      const std::map<std::string, std::string>& variables);

  std::string url_;
  std::unique_ptr<Program> server_;
};

}  // namespace e2e
