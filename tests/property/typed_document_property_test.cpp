// SPDX-License-Identifier: MIT
// A document that an agent handed in as an object is the one that is read from its Markdown.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "agent/review.hpp"
#include "agent/summary.hpp"
#include "agent/typed_document.hpp"
#include "base/text.hpp"

using namespace konductor;
using namespace konductor::agent;
using nlohmann::json;

namespace {

const std::vector<std::string> kStatuses = {"DONE", "DONE_WITH_CONCERNS", "NEEDS_CONTEXT",
                                            "BLOCKED"};

// Pieces of texts that mean something to the readers of Markdown.
const std::vector<std::string> kPieces = {"word",
                                          " ",
                                          "  ",
                                          "\n",
                                          "\n\n",
                                          "\r\n",
                                          "\t",
                                          "# ",
                                          "## ",
                                          "### ",
                                          "#",
                                          "```",
                                          "````\n",
                                          "~~~\n",
                                          "- ",
                                          "* ",
                                          "1. ",
                                          "[actionable] ",
                                          "[minor] ",
                                          "`",
                                          "é",
                                          ": ",
                                          " — ",
                                          "> ",
                                          "none",
                                          "Status",
                                          "## Status: DONE\n",
                                          "## Verdict: pass\n",
                                          "## Concerns\n",
                                          "## Review Status: passed\n",
                                          "---\n",
                                          "    ",
                                          "**",
                                          "\\"};

std::string any_text() {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kPieces));
  return join(pieces, "");
}

// One line that nothing in it turns into another one: words.
std::string any_line() {
  const auto words = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("alpha", "be`ta", "[gamma]", "a:1", "—", "#7", "é")));
  return "It " + join(words, " ");
}

std::string any_path() {
  const auto parts = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("src", "a b", "x.cpp", "é", "a-b", "(1)", "..c")));
  return join(parts, "/");
}

template <class Make>
json list_of(const Make& make) {
  json list = json::array();
  const int count = *rc::gen::inRange(0, 4);
  for (int i = 0; i < count; ++i)
    list.push_back(make());
  return list;
}

json files_of(const std::vector<std::string>& paths) {
  json files = json::array();
  for (const std::string& path : paths)
    files.push_back({{"path", path}, {"note", any_text()}});
  return files;
}

std::vector<std::string> any_paths() {
  std::vector<std::string> paths;
  const int count = *rc::gen::inRange(0, 4);
  for (int i = 0; i < count; ++i)
    paths.push_back(any_path());
  return paths;
}

}  // namespace

TEST_CASE("a summary that is written from an object reads as that object") {
  const bool holds = rc::check([] {
    Summary wanted;
    const std::string status = *rc::gen::elementOf(kStatuses);
    json concerns = json::array();
    const int count = *rc::gen::inRange(0, 4);
    for (int i = 0; i < count; ++i) {
      const bool is_actionable = *rc::gen::arbitrary<bool>();
      wanted.concerns.push_back({any_line(), is_actionable});
      concerns.push_back({{"mark", is_actionable ? "actionable" : "informational"},
                          {"text", wanted.concerns.back().text}});
    }
    wanted.files_created = any_paths();
    wanted.files_modified = any_paths();
    wanted.files_deleted = any_paths();
    wanted.blocker = any_line() + "\n\n- " + any_line();
    const json object = {{"status", status},
                         {"files_created", files_of(wanted.files_created)},
                         {"files_modified", files_of(wanted.files_modified)},
                         {"files_deleted", files_of(wanted.files_deleted)},
                         {"tests_added", files_of(any_paths())},
                         {"test_results", any_text()},
                         {"deviations", list_of(any_text)},
                         {"decisions", list_of(any_text)},
                         {"concerns", concerns},
                         {"missing_context", any_text()},
                         {"blocker", wanted.blocker},
                         {"verification", list_of(any_text)}};
    const Result<std::string> text = markdown_of_answer(TypedDocument::summary, object.dump());
    RC_ASSERT(text.has_value());
    const Result<Summary> read = parse_summary(text.value());
    RC_ASSERT(read.has_value());
    RC_ASSERT(to_string(read.value().status) == status);
    RC_ASSERT(read.value().concerns == wanted.concerns);
    RC_ASSERT(read.value().files_created == wanted.files_created);
    RC_ASSERT(read.value().files_modified == wanted.files_modified);
    RC_ASSERT(read.value().files_deleted == wanted.files_deleted);
    RC_ASSERT(read.value().blocker == wanted.blocker);
  });
  CHECK(holds);
}

TEST_CASE("a review that is written from an object reads as that object") {
  const bool holds = rc::check([] {
    const bool is_pass = *rc::gen::arbitrary<bool>();
    json findings = json::array();
    std::vector<engine::Finding> wanted;
    const int count = *rc::gen::inRange(0, 4);
    for (int i = 0; i < count; ++i) {
      const std::string severity = *rc::gen::element<std::string>("significant", "minor");
      const std::string path = any_path();
      const int line = *rc::gen::inRange(1, 5000);
      const std::string text = any_line();
      findings.push_back({{"severity", severity}, {"path", path}, {"line", line}, {"text", text}});
      wanted.push_back(
          {severity, "code-reviewer", path + ":" + std::to_string(line) + " — " + text});
    }
    const json object = {
        {"verdict", is_pass ? "pass" : "fail"}, {"findings", findings}, {"checked", any_text()}};
    const Result<std::string> text = markdown_of_answer(TypedDocument::review, object.dump());
    RC_ASSERT(text.has_value());
    const Result<Review> read = parse_review(text.value(), "code-reviewer");
    RC_ASSERT(read.has_value());
    RC_ASSERT(read.value().is_pass == is_pass);
    RC_ASSERT(read.value().findings == wanted);
  });
  CHECK(holds);
}

TEST_CASE("whatever its texts are, an object's status and verdict are its own") {
  const bool holds = rc::check([] {
    const std::string status = *rc::gen::elementOf(kStatuses);
    const auto any_file = [] { return json{{"path", any_text()}, {"note", any_text()}}; };
    const auto any_concern = [] { return json{{"mark", "actionable"}, {"text", any_text()}}; };
    const json summary = {{"status", status},
                          {"files_created", list_of(any_file)},
                          {"files_deleted", list_of(any_file)},
                          {"test_results", any_text()},
                          {"deviations", list_of(any_text)},
                          {"concerns", list_of(any_concern)},
                          {"missing_context", any_text()},
                          {"blocker", any_text()},
                          {"verification", list_of(any_text)}};
    const std::string text = markdown_of_answer(TypedDocument::summary, summary.dump()).value();
    const Result<Summary> read = parse_summary(text);
    RC_ASSERT(read.has_value());
    RC_ASSERT(to_string(read.value().status) == status);
    RC_ASSERT(read.value().concerns.size() <= summary.at("concerns").size());
    const auto any_finding = [] {
      return json{{"severity", "minor"}, {"path", any_text()}, {"text", any_text()}};
    };
    const json review = {
        {"verdict", "fail"}, {"findings", list_of(any_finding)}, {"checked", any_text()}};
    const Result<Review> judged = parse_review(
        markdown_of_answer(TypedDocument::review, review.dump()).value(), "spec-reviewer");
    RC_ASSERT(judged.has_value());
    RC_ASSERT_FALSE(judged.value().is_pass);
    RC_ASSERT(judged.value().findings.size() <= review.at("findings").size());
  });
  CHECK(holds);
}
