// SPDX-License-Identifier: MIT
#include "agent/suggested_answers.hpp"

#include <catch2/catch.hpp>

using konductor::agent::suggested_answers;
using Answers = std::vector<std::string>;

TEST_CASE("a question's last list is what may be answered") {
  CHECK(suggested_answers("Which port?\n\n- 80\n- 8080\n") == Answers{"80", "8080"});
  CHECK(suggested_answers("1. yes\n2) no") == Answers{"yes", "no"});
  CHECK(suggested_answers("a) yes\nb) no, because") == Answers{"yes", "no, because"});
  CHECK(suggested_answers("I tried:\n- this\n- that\n\nShall I\n\n* go on\n* stop\n") ==
        Answers{"go on", "stop"});
  CHECK(suggested_answers("- 80\n- 8080\n\nWhich of them?") == Answers{"80", "8080"});
}

TEST_CASE("what is no list of short answers suggests nothing") {
  CHECK(suggested_answers("Which port?").empty());
  CHECK(suggested_answers("- only one").empty());
  CHECK(suggested_answers("").empty());
  CHECK(suggested_answers("-not an entry\n1.5 neither\n").empty());
  CHECK(suggested_answers("- " + std::string(300, 'x') + "\n- y\n").empty());
  std::string many;
  for (int i = 0; i < 10; ++i)
    many += "- answer\n";
  CHECK(suggested_answers(many).empty());
}
