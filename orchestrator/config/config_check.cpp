// SPDX-License-Identifier: MIT
#include "config/config_check.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace konductor::config {
namespace {

RuntimeSettings built_in(RuntimeKind kind, std::vector<std::string> command) {
  RuntimeSettings runtime;
  runtime.kind = kind;
  runtime.command = std::move(command);
  return runtime;
}

// The command of a runtime that configures none; empty where its kind has none either.
std::vector<std::string> default_command(const std::string& name, RuntimeKind kind) {
  const std::map<std::string, RuntimeSettings> known = built_in_runtimes();
  const auto same_name = known.find(name);
  if (same_name != known.end() && same_name->second.kind == kind) return same_name->second.command;
  const auto same_kind = known.find(std::string(to_string(kind)));
  if (same_kind != known.end()) return same_kind->second.command;
  return {};
}

class RuntimeCheck {
 public:
  RuntimeCheck(const std::string& name, RuntimeSettings& runtime, ReadReport& report)
      : section_("runtimes." + name), name_(name), runtime_(runtime), report_(report) {}

  void run() {
    // What was meant is not known; the value itself has been reported.
    if (is_rejected("kind") || is_rejected("command")) return;
    const bool is_built_in = built_in_runtimes().count(name_) != 0;
    if (!is_built_in && !has("kind")) {
      problem(
          "has no kind: write kind = \"command\", \"replay\", \"acp\", \"claude\" or \"codex\"");
      return;
    }
    if (!has("command") || runtime_.command.empty())
      runtime_.command = default_command(name_, runtime_.kind);
    const bool plays = runtime_.kind == RuntimeKind::replay;
    if (runtime_.command.empty() && !plays)
      problem("is of kind " + quote(to_string(runtime_.kind)) +
              R"( and needs a command: write command = ["program", "argument"])");
    if (!runtime_.command.empty() && runtime_.command.front().empty())
      problem("has a command whose program is empty");
    if (plays && runtime_.command.empty() && runtime_.cassette.empty())
      problem("is of kind \"replay\" and needs a recorded run: write cassette = \"directory\"");
    check_dialect();
    for (const std::string& variable : runtime_.pass_env)
      if (variable.empty() || variable.find('=') != std::string::npos)
        problem("passes " + quote(variable) + ", which cannot be the name of a variable",
                "pass_env");
  }

 private:
  void check_dialect() {
    const std::string& dialect = runtime_.dialect;
    if (dialect.empty()) return;
    const std::vector<std::string> names(kDialects.begin(), kDialects.end());
    if (runtime_.kind != RuntimeKind::command) {
      problem("has a dialect, which only kind \"command\" takes", "dialect");
    } else if (std::find(names.begin(), names.end(), dialect) == names.end()) {
      const std::string hint = did_you_mean(dialect, names);
      problem("has the unknown dialect " + quote(dialect) +
                  (hint.empty() ? ": write one of " + join(names, ", ") : hint),
              "dialect");
    }
  }

  [[nodiscard]] bool has(const std::string& key) const {
    return !report_.origin(section_ + "." + key).empty();
  }

  [[nodiscard]] bool is_rejected(const std::string& key) const {
    return report_.rejected.count(section_ + "." + key) != 0;
  }

  void problem(const std::string& text, const std::string& key = "kind") {
    std::string place = report_.origin(section_ + "." + key);
    if (place.empty()) place = report_.origin(section_);
    const std::string prefix = place.empty() ? "" : place + ": ";
    report_.problems.push_back(prefix + "runtime " + quote(name_) + " " + text);
  }

  std::string section_;
  const std::string& name_;
  RuntimeSettings& runtime_;
  ReadReport& report_;
};

void check_reference(const Config& config, const std::string& key, const std::string& runtime,
                     ReadReport& report) {
  if (runtime == kAutoRuntime || config.runtimes.count(runtime) != 0) return;
  std::vector<std::string> names = {std::string(kAutoRuntime)};
  for (const auto& [name, settings] : config.runtimes)
    names.push_back(name);
  const std::string place = report.origin(key);
  std::string text = place.empty() ? "" : place + ": ";
  text += quote(key) + " names the runtime " + quote(runtime) + ", which is not configured";
  const std::string hint = did_you_mean(runtime, names);
  text +=
      hint.empty() ? ": add [runtimes." + runtime + "] or name one of " + join(names, ", ") : hint;
  report.problems.push_back(std::move(text));
}

void check_notify(const NotifySettings& notify, ReadReport& report) {
  const auto problem = [&report](const std::string& key, const std::string& text) {
    const std::string place = report.origin(key);
    report.problems.push_back((place.empty() ? "" : place + ": ") + quote(key) + " " + text);
  };
  const std::string& url = notify.webhook;
  const bool is_web = url.rfind("http://", 0) == 0 || url.rfind("https://", 0) == 0;
  if (!url.empty() && !is_web)
    problem("notify.webhook",
            "is " + quote(url) + ", which begins with neither http:// nor https://");
  if (notify.timeout.count() <= 0)
    problem("notify.timeout", "leaves a notification no time; write a duration such as \"10s\"");
}

}  // namespace

std::map<std::string, RuntimeSettings> built_in_runtimes() {
  return {
      {"claude", built_in(RuntimeKind::claude, {"claude"})},
      {"codex", built_in(RuntimeKind::codex, {"codex"})},
      {"opencode", built_in(RuntimeKind::acp, {"opencode", "acp"})},
      {"gemini", built_in(RuntimeKind::acp, {"gemini", "--acp"})},
      {"qwen", built_in(RuntimeKind::acp, {"qwen", "--acp"})},
  };
}

void finish_runtimes(Config& config, ReadReport& report) {
  for (auto& [name, runtime] : config.runtimes)
    RuntimeCheck(name, runtime, report).run();
}

void check_references(const Config& config, ReadReport& report) {
  check_notify(config.notify, report);
  check_reference(config, "general.default_runtime", config.general.default_runtime, report);
  for (const RoleName role : kAllRoles)
    for (const std::string& runtime : config.role(role).runtime)
      check_reference(config, "roles." + std::string(to_string(role)) + ".runtime", runtime,
                      report);
}

}  // namespace konductor::config
