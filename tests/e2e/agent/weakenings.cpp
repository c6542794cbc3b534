// SPDX-License-Identifier: MIT
// Behaviours of the executor that concern tests and secrets. A fix attempt makes good again.
#include <filesystem>
#include <string>

#include "e2e/agent/executor.hpp"

namespace fake {

namespace fs = std::filesystem;

namespace {

// The scenario has these two lines in it.
constexpr const char* kCheck = "tests/check.py";
constexpr const char* kWholeCheck = "assert one == 1\nassert two == 2\n";

bool is_fix(const Agent& agent) {
  return agent.reason == "spec_fix";
}

int leave_check(Agent& agent, const std::string& text) {
  write_text(kCheck, is_fix(agent) ? kWholeCheck : text);
  return do_honest_work(agent);
}

}  // namespace

int weaken_tests(Agent& agent) {
  return leave_check(agent, "assert one == 1\n");
}

int weaken_tests_always(Agent& agent) {
  write_text(kCheck, "assert one == 1\n");
  return do_honest_work(agent);
}

int mute_tests(Agent& agent) {
  return leave_check(agent, "@pytest.mark.skip\n" + std::string(kWholeCheck));
}

int change_expectation(Agent& agent) {
  return leave_check(agent, "assert one == 1\nassert two == 3\n");
}

int delete_tests(Agent& agent) {
  if (is_fix(agent)) return leave_check(agent, "");
  fs::remove(kCheck);
  return do_honest_work(agent);
}

int move_tests(Agent& agent) {
  const std::string text = read_text(kCheck);
  fs::remove(kCheck);
  write_text("tests/unit/check.py", text);
  return do_honest_work(agent);
}

int add_test(Agent& agent) {
  write_text("tests/check_" + std::to_string(agent.task) + ".py", "assert three == 3\n");
  return do_honest_work(agent);
}

int add_test_in_fix(Agent& agent) {
  return is_fix(agent) ? add_test(agent) : do_honest_work(agent);
}

// Shaped like a token of a well-known provider, and made up.
int add_secret(Agent& agent) {
  if (is_fix(agent)) return do_honest_work(agent);
  for (const std::string& file : agent.files)
    write_text(file, "first line\ntoken = \"ghp" + std::string("_") +
                         "Zq8Rt2Lm5Vx7Kc1Jw9Hd4Fs6Gb3Np0Ty8Ue2\"\n");
  hand_in(agent, summary(agent, "DONE"));
  return 0;
}

}  // namespace fake
