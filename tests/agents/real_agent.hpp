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
// separate;
// "" when it is not installed.
std::string installed_agent(const std::string& name);

// The agents that there are tests for.
inline const Words kAgents = {"claude", "codex", "opencode", "gemini", "qwen", "pi"};

// A scenario whose roles are played by a real agent that speaks with a scripted model on this
// machine: a home of its own, a dummy key, no network.
class AgentScenario : public Scenario {
 public:
  // `model` is the content of a scenario file of tests/support/model_server.
  AgentScenario(const std::string& agent, const nlohmann::json& model);

  // Configures another agent, which roles may name as their runtime.
  AgentScenario& add_agent(const std::string& agent);
  // Runs the phase, as slowly as such programs start on a busy machine.
  Ended execute();

  // Causes of all attempts of the last run, in order.
  [[nodiscard]] Words causes() const;
  // Requests that the model answered, as its log has them.
  [[nodiscard]] std::vector<nlohmann::json> requests() const;

 private:
  void start_model(const nlohmann::json& model);
  void set_up_claude();
  void set_up_codex();
  void set_up_opencode();
  void set_up_gemini();
  void set_up_qwen();
  void set_up_pi();
  // A runtime of kind command whose output is read in the agent's own dialect.
  void set_up_command(const std::string& agent, const Words& arguments,
                      const std::map<std::string, std::string>& variables);

  std::string url_;
  std::unique_ptr<Program> server_;
};

}  // namespace e2e
