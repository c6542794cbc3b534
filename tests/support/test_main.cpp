// SPDX-License-Identifier: MIT
// Built once for all test programs. The tests see no setting of the machine they run on.
#define CATCH_CONFIG_RUNNER
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

extern char** environ;

int main(int argc, char** argv) {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string name(*entry, std::strcspn(*entry, "="));
    const bool is_foreign = name == "CI" || name.rfind("GITHUB_", 0) == 0 ||
                            name.rfind("GITLAB_", 0) == 0 ||
                            (name.rfind("KONDUCTOR_", 0) == 0 && name != "KONDUCTOR_ACCEPT" &&
                             name != "KONDUCTOR_SEEDS" && name != "KONDUCTOR_TEST_AGENTS" &&
                             name != "KONDUCTOR_REQUIRE_AGENTS" && name != "KONDUCTOR_FAULT_TABLE");
    if (is_foreign || name.rfind("GIT_", 0) == 0) names.push_back(name);
  }
  for (const std::string& name : names)
    ::unsetenv(name.c_str());
  return Catch::Session().run(argc, argv);
}
