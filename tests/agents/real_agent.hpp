// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "e2e/scenario.hpp"

// What the tests with real agents are written with.
namespace e2e {

// The path of an agent's program below $KONDUCTOR_TEST_AGENTS; "" when it is not installed.
std::string installed_agent(const std::string& name);

// A scenario whose roles are played by a real agent that speaks with a scripted model on this
// machine: a home of its own, a dummy key, no network.
class AgentScenario : public Scenario {
 public:
  // `model` is the content of a scenario file of tests/support/model_server.
  AgentScenario(const std::string& kind, const nlohmann::json& model);

  // Causes of all attempts of the last run, in order.
  [[nodiscard]] Words causes() const;
  // Requests that the model answered, as its log has them.
  [[nodiscard]] std::vector<nlohmann::json> requests() const;

 private:
  void start_model(const nlohmann::json& model);
  void set_up_claude();
  void set_up_codex();

  std::string url_;
  std::unique_ptr<Program> server_;
};

}  // namespace e2e
