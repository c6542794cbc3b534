// SPDX-License-Identifier: MIT
#include "agents/real_agent.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace e2e {

namespace fs = std::filesystem;

namespace {

constexpr const char* kServer = KONDUCTOR_SOURCE_DIR "/tests/support/model_server/model_server.py";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

}  // namespace

std::string installed_agent(const std::string& name) {
  const std::string folder = variable("KONDUCTOR_TEST_AGENTS");
  if (folder.empty()) return "";
  const fs::path program = fs::path(folder) / "node_modules" / ".bin" / name;
  return ::access(program.c_str(), X_OK) == 0 ? program.string() : "";
}

AgentScenario::AgentScenario(const std::string& kind, const json& model) {
  start_model(model);
  set("general.default_runtime", quoted(kind));
  set("runtimes." + kind + ".kind", quoted(kind));
  set("runtimes." + kind + ".command", "[" + quoted(installed_agent(kind)) + "]");
  set("execution.max_crash_retries", "0");
  set("limits.timeout", "\"3m\"");
  if (kind == "claude")
    set_up_claude();
  else
    set_up_codex();
}

void AgentScenario::start_model(const json& model) {
  const fs::path folder = home() / "model";
  write(folder / "scenarios.json", model.dump(2));
  server_ = std::make_unique<Program>(
      Words{"python3", kServer, folder / "scenarios.json", "--port-file", folder / "port", "--log",
            folder / "requests.jsonl"},
      Words{"PATH=" + variable("PATH"), "HOME=" + variable("HOME")}, project(), folder / "outputs");
  const bool is_listening = wait_until([&] { return fs::exists(folder / "port"); }, 30);
  if (!is_listening) throw std::runtime_error("the scripted model does not start");
  const std::string port = read(folder / "port");
  url_ = "http://127.0.0.1:" + port.substr(0, port.find('\n'));
}

// Without retries of its own, so that a refusal reaches the engine at once.
void AgentScenario::set_up_claude() {
  with_environment("ANTHROPIC_BASE_URL", url_);
  with_environment("ANTHROPIC_API_KEY", "dummy");
  set("runtimes.claude.env.CLAUDE_CODE_MAX_RETRIES", "\"0\"");
}

void AgentScenario::set_up_codex() {
  write(home() / ".codex" / "config.toml",
        "model_provider = \"scripted\"\n\n[model_providers.scripted]\nname = \"scripted\"\n"
        "base_url = \"" +
            url_ +
            "/v1\"\nwire_api = \"responses\"\nenv_key = \"SCRIPTED_KEY\"\n"
            "request_max_retries = 0\nstream_max_retries = 0\n");
  with_environment("SCRIPTED_KEY", "dummy");
  set("runtimes.codex.pass_env", R"(["SCRIPTED_KEY"])");
  set("general.default_model", "\"gpt-5.5\"");
}

Words AgentScenario::causes() const {
  Words causes;
  for (const json& event : events("attempt_finished"))
    causes.push_back(event.at("cause"));
  return causes;
}

std::vector<json> AgentScenario::requests() const {
  std::vector<json> requests;
  std::ifstream file(home() / "model" / "requests.jsonl");
  for (std::string line; std::getline(file, line);)
    requests.push_back(json::parse(line));
  return requests;
}

}  // namespace e2e
