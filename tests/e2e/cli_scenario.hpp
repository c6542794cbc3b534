// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "e2e/scenario.hpp"

// Runtimes of the kinds with a protocol of their own, played by a shell script that prints what the
// real ones would.
namespace e2e {

// Keeps what each start was given and plays the turn of that number, or the last one there is.
inline constexpr const char* kProgram = R"(#!/bin/sh
cd "$FAKE_CLI_DIR" || exit 99
n=1
while [ -e "args-$n" ]; do n=$((n + 1)); done
printf '%s\n' "$@" >"args-$n"
cat >"prompt-$n"
turn=$n
while [ ! -e "turn-$turn" ]; do turn=$((turn - 1)); done
cd "$OLDPWD" || exit 99
. "$FAKE_CLI_DIR/turn-$turn"
)";

inline constexpr const char* kClaudeSuccess = R"(
cat <<'END'
{"type":"system","subtype":"init"}
{"type":"result","subtype":"success","is_error":false,"result":"done","total_cost_usd":0.25,"usage":{"input_tokens":100,"output_tokens":20,"cache_read_input_tokens":7}}
END
)";

class CliScenario : public Scenario {
 public:
  explicit CliScenario(const std::string& kind) {
    set("general.default_runtime", "\"" + kind + "\"");
    set("runtimes." + kind + ".kind", "\"" + kind + "\"");
    set("runtimes." + kind + ".command", "[\"" + program(kind) + "\"]");
    set("runtimes." + kind + ".pass_env", R"(["FAKE_CLI_DIR"])");
    set("features.code_review", "false");
    set("execution.max_crash_retries", "0");
    with_environment("FAKE_CLI_DIR", folder());
    plan(1, {"a task"});
  }
  std::filesystem::path folder() const { return home() / "cli"; }
  // Makes a program of that name, which plays the turns; its path.
  std::string program(const std::string& name) const {
    write(folder() / name, kProgram);
    std::filesystem::permissions(folder() / name, std::filesystem::perms::owner_all);
    return folder() / name;
  }
  void turn(int number, const std::string& script) const {
    write(folder() / ("turn-" + std::to_string(number)), script);
  }
  std::string given(const std::string& what, int number) const {
    return read(folder() / (what + "-" + std::to_string(number)));
  }
  Words causes() const {
    Words causes;
    for (const json& event : events("attempt_finished"))
      causes.push_back(event.at("cause"));
    return causes;
  }
};

}  // namespace e2e
