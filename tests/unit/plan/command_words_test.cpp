// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "plan/verify_commands.hpp"

using konductor::plan::words_of_command;

TEST_CASE("the words of a command are what can name files in it") {
  using Words = std::vector<std::string>;
  const std::vector<std::pair<std::string, Words>> cases = {
      {"bash -n tests/e2e/lib.sh", {"bash", "-n", "tests/e2e/lib.sh"}},
      {"", {}},
      {"  \n\t", {}},
      {"cat a.txt|sort>b.txt&&echo ok;", {"cat", "a.txt", "sort", "b.txt", "echo", "ok"}},
      {"diff <(cat a) $(b c)", {"diff", "cat", "a", "$", "b", "c"}},
      {"grep '^version' \"my file.txt\"", {"grep", "^version", "my file.txt", "my", "file.txt"}},
      {"sh -c \"cat \\\"a b\\\" && c\"",
       {"sh", "-c", "cat \"a b\" && c", "cat", "a b", "a", "b", "c"}},
      {"CONFIG=a.toml run --file=b.toml",
       {"CONFIG=a.toml", "a.toml", "run", "--file=b.toml", "b.toml"}},
      {"my\\ file x\\\ny", {"my file", "xy"}},
      {"make # not a.txt\ntest a#b", {"make", "test", "a#b"}},
      {"echo 'open", {"echo", "open"}},
      {"echo \\", {"echo"}},
      {"pre'fix'\"ed\"", {"prefixed"}},
  };
  for (const auto& [command, words] : cases) {
    INFO(command);
    CHECK(words_of_command(command) == words);
  }
}
