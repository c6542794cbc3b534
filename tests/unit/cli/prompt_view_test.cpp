// SPDX-License-Identifier: MIT
#include "cli/prompt_view.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace konductor;
using namespace konductor::cli;
using agent::PartSize;

namespace {

const std::vector<PartSize> kParts = {{"instructions", 4}, {"plan", 5}, {"attempt", 3}};

}  // namespace

TEST_CASE("a prompt is held against the one before it, part by part") {
  const PromptShare share = compare_prompts("ROLEPLAN1abc", kParts, "ROLEPLAN2abc and more");
  CHECK(share.bytes == 12);
  CHECK(share.shared == 8);
  REQUIRE(share.parts.size() == 3);
  CHECK(share.parts.at(0).shared == 4);
  CHECK(share.parts.at(1).shared == 4);
  CHECK(share.parts.at(2).shared == 0);
  CHECK(share_text(share) ==
        "  part           bytes  tokens  shared\n"
        "  instructions       4       1  100 %\n"
        "  plan               5       2  80 %\n"
        "  attempt            3       1  0 %\n"
        "  all               12       3  66 %\n");
}

TEST_CASE("without a prompt before it nothing is shared, with the same one all of it") {
  CHECK(compare_prompts("ROLEPLAN1abc", kParts, "").shared == 0);
  CHECK(compare_prompts("ROLEPLAN1abc", kParts, "ROLE").shared == 4);
  const PromptShare same = compare_prompts("ROLEPLAN1abc", kParts, "ROLEPLAN1abc");
  CHECK(same.shared == 12);
  CHECK(same.parts.at(2).shared == 3);
  const PromptShare none = compare_prompts("", {}, "");
  CHECK(percent_of(none.shared, none.bytes) == 0);
}

TEST_CASE("parts that are not those of the prompt are passed over") {
  const PromptShare share = compare_prompts("ROLEPLAN", kParts, "ROLE");
  REQUIRE(share.parts.size() == 1);
  CHECK(share.parts.at(0).name == "prompt");
  CHECK(share.parts.at(0).bytes == 8);
  CHECK(share.parts.at(0).shared == 4);
}

TEST_CASE("the record of a prompt's parts is read as it was written") {
  const std::vector<agent::PromptPart> parts = {{"instructions", "I"}, {"plan", "two"}};
  CHECK(agent::parse_prompt_record(agent::prompt_record(parts)).value() ==
        std::vector<PartSize>{{"instructions", 1}, {"plan", 3}});
  for (const char* text : {"", "[]", "{}", R"({"parts":1})", "no JSON"})
    CHECK(agent::parse_prompt_record(text).has_error());
}
