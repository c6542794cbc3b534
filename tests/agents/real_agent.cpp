// SPDX-License-Identifier: MIT
#include "agents/real_agent.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace e2e {

namespace fs = std::filesystem;

namespace {

constexpr const char* kServer = KONDUCTOR_SOURCE_DIR "/tests/support/model_server/model_server.py";

constexpr int kAgentPatienceSeconds = 570;  // Less than ctest's.

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

bool is_acp(const std::string& agent) {
  return agent.size() > 4 && agent.compare(agent.size() - 4, 4, "-acp") == 0;
}

std::string program_of(const std::string& agent) {
  if (agent == "claude-acp") return "claude-agent-acp";
  if (agent == "codex-acp" || !is_acp(agent)) return agent;
  return agent.substr(0, agent.rfind('-'));
}

}  // namespace

std::string installed_agent(const std::string& name) {
  const std::string program_name = program_of(name);
  std::istringstream folders(variable("KONDUCTOR_TEST_AGENTS"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path program = fs::path(folder) / "node_modules" / ".bin" / program_name;
    if (!folder.empty() && ::access(program.c_str(), X_OK) == 0) return program.string();
  }
  return "";
}

AgentScenario::AgentScenario(const std::string& agent, const json& model) {
  start_model(model);
  set("general.default_runtime", quoted(agent));
  set("execution.max_crash_retries", "0");
  set("limits.timeout", "\"3m\"");
  add_agent(agent);
}

AgentScenario& AgentScenario::add_agent(const std::string& agent) {
  if (agent == "claude" || agent == "codex") {
    set("runtimes." + agent + ".kind", quoted(agent));
    set("runtimes." + agent + ".command", "[" + quoted(installed_agent(agent)) + "]");
    // Scripts write Markdown unless a test says otherwise.
    set("runtimes." + agent + ".structured_output", "\"never\"");
  }
  if (agent == "claude") set_up_claude();
  if (agent == "codex") set_up_codex();
  if (agent == "opencode" || agent == "opencode-acp") set_up_opencode(agent);
  if (agent == "gemini" || agent == "gemini-acp") set_up_gemini(agent);
  if (agent == "qwen" || agent == "qwen-acp") set_up_qwen(agent);
  if (agent == "pi") set_up_pi();
  if (agent == "claude-acp") set_up_claude_acp();
  if (agent == "codex-acp") set_up_codex_acp();
  return *this;
}

Ended AgentScenario::execute(const Words& more) {
  return start_execute(more)->wait(kAgentPatienceSeconds);
}

AgentScenario& AgentScenario::with_calculator() {
  const fs::path example = fs::path(KONDUCTOR_SOURCE_DIR) / "examples/calculator";
  for (const char* name : {"CMakeLists.txt", "CMakePresets.json", "README.md", "src", "tests"})
    fs::copy(example / name, project() / name,
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  fs::copy(example / ".konductor/phases/01-calculator/plans/001.md", plans() / "001.md");
  commit_all("the calculator");
  return *this;
}

void AgentScenario::start_model(const json& model) {
  const fs::path folder = home() / "model";
  write(folder / "scenarios.json", model.dump(2));
  server_ = std::make_unique<Program>(
      Words{"python3", kServer, folder / "scenarios.json", "--port-file", folder / "port", "--log",
            folder / "requests.jsonl"},
      Words{"PATH=" + variable("PATH"), "HOME=" + variable("HOME")}, project(), folder / "outputs");
  const bool is_listening = wait_until([&] { return fs::exists(folder / "port"); });
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

void AgentScenario::write_codex_settings(const std::string& more) const {
  write(home() / ".codex" / "config.toml",
        more +
            "model_provider = \"scripted\"\n\n[model_providers.scripted]\nname = \"scripted\"\n"
            "base_url = \"" +
            url_ +
            "/v1\"\nwire_api = \"responses\"\nenv_key = \"SCRIPTED_KEY\"\n"
            "request_max_retries = 0\nstream_max_retries = 0\n");
}

void AgentScenario::set_up_codex() {
  write_codex_settings();
  with_environment("SCRIPTED_KEY", "dummy");
  set("runtimes.codex.pass_env", R"(["SCRIPTED_KEY"])");
  set("runtimes.codex.model", "\"gpt-5.5\"");
}

// Some of these agents need a newer Node.js than the system's.
void AgentScenario::set_up_acp(const std::string& runtime, const Words& arguments,
                               const std::map<std::string, std::string>& variables) {
  Words command = {installed_agent(runtime)};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const std::string section = "runtimes." + runtime;
  set(section + ".kind", "\"acp\"");
  set(section + ".command", json(command).dump());
  const std::string node = fs::path(installed_agent("node")).parent_path();
  if (!node.empty()) set(section + ".env.PATH", quoted(node + ":" + variable("PATH")));
  for (const auto& [name, value] : variables)
    set(section + ".env." + name, json(value).dump());
}

void AgentScenario::set_up_claude_acp() {
  set_up_acp("claude-acp", {},
             {{"ANTHROPIC_BASE_URL", url_},
              {"ANTHROPIC_API_KEY", "dummy"},
              {"CLAUDE_CODE_MAX_RETRIES", "0"},
              {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"},
              {"DISABLE_AUTOUPDATER", "1"}});
}

void AgentScenario::set_up_codex_acp() {
  write_codex_settings("model = \"gpt-5.5\"\n");
  set_up_acp("codex-acp", {}, {{"SCRIPTED_KEY", "dummy"}});
}

void AgentScenario::set_up_command(const std::string& agent, const Words& arguments,
                                   const std::map<std::string, std::string>& variables) {
  const std::string runtime = "runtimes." + agent;
  Words command = {installed_agent(agent)};
  command.insert(command.end(), arguments.begin(), arguments.end());
  set(runtime + ".kind", "\"command\"");
  set(runtime + ".dialect", quoted(agent));
  set(runtime + ".command", json(command).dump());
  for (const auto& [name, value] : variables)
    set(runtime + ".env." + name, json(value).dump());
}

void AgentScenario::set_up_opencode(const std::string& runtime) {
  const json model = {{"limit", {{"context", 200000}, {"output", 8192}}}};
  const json provider = {{"npm", "@ai-sdk/openai-compatible"},
                         {"options", {{"baseURL", url_ + "/v1"}, {"apiKey", "dummy"}}},
                         {"models", {{"m", model}}}};
  const json config = {{"autoupdate", false},
                       {"share", "disabled"},
                       {"model", "scripted/m"},
                       {"small_model", "scripted/m"},
                       {"provider", {{"scripted", provider}}}};
  write(home() / ".config" / "opencode" / "opencode.json", config.dump(2));
  const std::map<std::string, std::string> variables = {{"OPENCODE_DISABLE_MODELS_FETCH", "1"},
                                                        {"OPENCODE_DISABLE_AUTOUPDATE", "1"},
                                                        {"OPENCODE_DISABLE_DEFAULT_PLUGINS", "1"}};
  if (is_acp(runtime))
    set_up_acp(runtime, {"acp"}, variables);
  else
    set_up_command(runtime, {"run", "--format", "json", "-m", "scripted/m"}, variables);
}

void AgentScenario::set_up_gemini(const std::string& runtime) {
  const json settings = {{"security", {{"auth", {{"selectedType", "gemini-api-key"}}}}},
                         {"general", {{"maxAttempts", 1}}},
                         {"privacy", {{"usageStatisticsEnabled", false}}}};
  write(home() / ".gemini" / "settings.json", settings.dump(2));
  std::map<std::string, std::string> variables = {{"GEMINI_API_KEY", "dummy"},
                                                  {"GOOGLE_GEMINI_BASE_URL", url_}};
  if (is_acp(runtime)) {
    set_up_acp(runtime, {"--acp", "-m", "gemini-2.5-flash"}, variables);
    return;
  }
  variables["GEMINI_CLI_TRUST_WORKSPACE"] = "true";
  set_up_command(runtime,
                 {"--approval-mode", "yolo", "-m", "gemini-2.5-flash", "-o", "stream-json"},
                 variables);
}

void AgentScenario::set_up_qwen(const std::string& runtime) {
  const json settings = {{"privacy", {{"usageStatisticsEnabled", false}}}};
  write(home() / ".qwen" / "settings.json", settings.dump(2));
  const std::map<std::string, std::string> variables = {{"OPENAI_API_KEY", "dummy"},
                                                        {"OPENAI_BASE_URL", url_ + "/v1"},
                                                        {"OPENAI_MODEL", "m"},
                                                        {"QWEN_CODE_SUPPRESS_YOLO_WARNING", "1"}};
  if (is_acp(runtime))
    set_up_acp(runtime, {"--acp", "--auth-type", "openai"}, variables);
  else
    set_up_command(runtime, {"--auth-type", "openai", "-y", "-o", "stream-json"}, variables);
}

void AgentScenario::set_up_pi() {
  const json model = {{"id", "m"}, {"contextWindow", 200000}, {"maxTokens", 8192}};
  const json provider = {{"baseUrl", url_ + "/v1"},
                         {"apiKey", "dummy"},
                         {"api", "openai-completions"},
                         {"models", json::array({model})}};
  write(home() / ".pi" / "agent" / "models.json",
        json{{"providers", {{"scripted", provider}}}}.dump(2));
  write(home() / ".pi" / "agent" / "settings.json", json{{"retry", {{"enabled", false}}}}.dump(2));
  // The interpreter that is installed with it, which may be newer than the system's.
  const std::string node = fs::path(installed_agent("node")).parent_path();
  set_up_command("pi", {"--provider", "scripted", "--model", "m", "--mode", "json", "-p"},
                 {{"PI_OFFLINE", "1"},
                  {"PATH", node.empty() ? variable("PATH") : node + ":" + variable("PATH")}});
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
