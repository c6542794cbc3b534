// SPDX-License-Identifier: MIT
#include "plan/frontmatter.hpp"

#include <catch2/catch.hpp>

#include "unit/plan/plan_samples.hpp"

using namespace konductor::plan;
using samples::Lines;

namespace {

using Fences = FrontmatterCut::Fences;

Lines faults(const std::string& toml) {
  std::vector<Diagnostic> diagnostics;
  read_frontmatter(toml, "001.md", 2, diagnostics);
  for (const Diagnostic& found : diagnostics) {
    CHECK(found.path == "001.md");
    CHECK_FALSE(found.hint.empty());
  }
  return samples::summaries(diagnostics);
}

std::string hint_of(const std::string& toml) {
  std::vector<Diagnostic> diagnostics;
  read_frontmatter(toml, "001.md", 2, diagnostics);
  REQUIRE(diagnostics.size() == 1);
  return diagnostics[0].hint;
}

const std::string kRequired = "phase = \"01\"\nplan = 1\nwave = 1\ntitle = \"T\"\n";

}  // namespace

TEST_CASE("the frontmatter is what stands between two fences") {
  const FrontmatterCut cut = cut_frontmatter("+++\na = 1\n+++\nbody\n");
  CHECK(cut.fences == Fences::closed);
  CHECK(cut.toml == "a = 1\n");
  CHECK(cut.toml_line == 2);
  CHECK(cut.body == "body\n");
  CHECK(cut.body_line == 4);
}

TEST_CASE("fences may have blanks around them and blank lines before") {
  const FrontmatterCut cut = cut_frontmatter("\n \n +++ \t\na = 1\n\t+++  \nbody");
  CHECK(cut.fences == Fences::closed);
  CHECK(cut.opening == Position{3, 2});
  CHECK(cut.toml == "a = 1\n");
  CHECK(cut.toml_line == 4);
  CHECK(cut.body == "body");
  CHECK(cut.body_line == 6);
}

TEST_CASE("a fence at the very end of the file closes") {
  const FrontmatterCut cut = cut_frontmatter("+++\na = 1\n+++");
  CHECK(cut.fences == Fences::closed);
  CHECK(cut.toml == "a = 1\n");
  CHECK(cut.body.empty());
}

TEST_CASE("empty frontmatter is closed and empty") {
  const FrontmatterCut cut = cut_frontmatter("+++\n+++\n");
  CHECK(cut.fences == Fences::closed);
  CHECK(cut.toml.empty());
}

TEST_CASE("a fence inside a multi-line string is text") {
  for (const std::string quotes : {"\"\"\"", "'''"}) {
    INFO(quotes);
    const std::string toml = "title = " + quotes + "a\n+++\nb" + quotes + "\nwave = 1\n";
    const std::string text = "+++\n" + toml + "+++\nbody\n+++\n";
    const FrontmatterCut cut = cut_frontmatter(text);
    CHECK(cut.toml == toml);
    CHECK(cut.body == "body\n+++\n");
  }
}

TEST_CASE("quotes that open no multi-line string do not hide the fence") {
  const auto harmless = {
      "a = \"\\\"\"\"\"  # three quotes, one of them escaped\n",
      "a = 1 # \"\"\"\n",
      "a = '\"\"\"'\n",
      "a = \"'''\"\n",
      "a = \"\"\"one line\"\"\"\n",
      "a = \"\"\"two quotes at the end\"\"\"\"\"\n",
      "a = \"\"\"an escaped \\\"\"\" quote\"\"\"\n",
      "a = \"\"\n",
      "a = \"x\\\\\"\n",
  };
  for (const std::string toml : harmless) {
    INFO(toml);
    const std::string text = "+++\n" + toml + "+++\nbody\n+++\n";
    const FrontmatterCut cut = cut_frontmatter(text);
    CHECK(cut.toml == toml);
    CHECK(cut.body == "body\n+++\n");
  }
}

TEST_CASE("a string that is never closed does not swallow the body") {
  const FrontmatterCut cut = cut_frontmatter("+++\ntitle = \"\"\"open\n+++\nbody\n");
  CHECK(cut.fences == Fences::closed);
  CHECK(cut.body == "body\n");
}

TEST_CASE("missing and unclosed frontmatter are told apart") {
  const FrontmatterCut missing = cut_frontmatter("\n  # Plan\n+++\na = 1\n+++\n");
  CHECK(missing.fences == Fences::missing);
  CHECK(missing.opening == Position{2, 3});
  CHECK(cut_frontmatter("").fences == Fences::missing);
  CHECK(cut_frontmatter("\n\n").opening == Position{1, 1});
  CHECK(cut_frontmatter("++++\n++++\n").fences == Fences::missing);
  const FrontmatterCut unclosed = cut_frontmatter("+++\na = 1\n# Plan\n");
  CHECK(unclosed.fences == Fences::unclosed);
  CHECK(unclosed.opening == Position{1, 1});
}

TEST_CASE("all fields are read with their types and places") {
  std::vector<Diagnostic> diagnostics;
  const Frontmatter fields = read_frontmatter(
      "phase = \"01\"\nplan = 3\nwave = 2\ntitle = \"Überblick\"\ndepends_on = [2, 1, 2]\n"
      "type = \"tdd\"\nautonomous = false\nrequirements = [\"REQ-1\"]\n"
      "files_modified = [\"é\", \"b\"]\n[must_haves]\ntruths = [\"t\"]\nartifacts = [\"a\"]\n"
      "key_links = [\"k\"]\n",
      "001.md", 2, diagnostics);
  CHECK(diagnostics.empty());
  CHECK(fields.is_toml);
  CHECK(fields.phase == Located<std::string>{"01", {2, 9}});
  CHECK(fields.number == Located<int>{3, {3, 8}});
  CHECK(fields.wave == Located<int>{2, {4, 8}});
  CHECK(fields.title == Located<std::string>{"Überblick", {5, 9}});
  CHECK(fields.depends_on == std::vector<Located<int>>{{1, {6, 18}}, {2, {6, 15}}});
  CHECK(fields.type == PlanType::tdd);
  CHECK_FALSE(fields.autonomous);
  CHECK(fields.requirements == std::vector<Located<std::string>>{{"REQ-1", {9, 17}}});
  // The column counts code points.
  CHECK(fields.files_modified ==
        std::vector<Located<std::string>>{{"é", {10, 19}}, {"b", {10, 24}}});
  CHECK(fields.must_haves.has_value());
  CHECK(fields.truths.size() == 1);
  CHECK(fields.artifacts.size() == 1);
  CHECK(fields.key_links.size() == 1);
}

TEST_CASE("only phase, plan, wave and title are required") {
  CHECK(faults(kRequired).empty());
  CHECK(faults("") == Lines{"error 1:1 required field \"phase\" is missing",
                            "error 1:1 required field \"plan\" is missing",
                            "error 1:1 required field \"wave\" is missing",
                            "error 1:1 required field \"title\" is missing"});
}

TEST_CASE("each mistyped field is an error at its value") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"autonomous = \"yes\"\n", "error 6:14 \"autonomous\" must be true or false, not a string"},
      {"depends_on = 1\n",
       "error 6:14 \"depends_on\" must be a list of plan numbers, not an "
       "integer"},
      {"depends_on = [\"1\"]\n",
       "error 6:15 \"depends_on\" must be a list of plan numbers, not a "
       "string"},
      {"depends_on = [0]\n", "error 6:15 \"depends_on\" must be from 1 to 999999999, not 0"},
      {"requirements = \"REQ-1\"\n",
       "error 6:16 \"requirements\" must be a list of strings, not a string"},
      {"files_modified = [1.5]\n",
       "error 6:19 \"files_modified\" must be a list of strings, not a "
       "number with a fraction"},
      {"type = 1\n", "error 6:8 \"type\" must be a string, not an integer"},
      {"type = \"tdr\"\n", "error 6:8 unknown \"type\" \"tdr\""},
      {"must_haves = []\n", "error 6:14 \"must_haves\" must be a table, not a list"},
      {"[must_haves]\ntruths = 1979-05-27\n",
       "error 7:10 \"truths\" must be a list of strings, not a date or time"},
  };
  for (const auto& [toml, message] : cases) {
    INFO(toml);
    CHECK(faults(kRequired + toml) == Lines{message});
  }
}

TEST_CASE("required fields that are mistyped are told once each, all at once") {
  CHECK(faults("phase = 1\nplan = \"1\"\nwave = 0\ntitle = \" \"\n") ==
        Lines{"error 2:9 \"phase\" must be a string, not an integer",
              "error 3:8 \"plan\" must be an integer, not a string", "error 5:9 \"title\" is empty",
              "error 4:8 \"wave\" must be from 1 to 999999999, not 0"});
}

TEST_CASE("an unknown field comes with the field that was meant") {
  CHECK(faults(kRequired + "depend_on = [1]\n") == Lines{"error 6:1 unknown field \"depend_on\""});
  CHECK(hint_of(kRequired + "depend_on = [1]\n") == "did you mean \"depends_on\"?");
  CHECK(hint_of(kRequired + "colour = 1\n").find("the fields are phase, plan") == 0);
  CHECK(hint_of(kRequired + "truths = []\n") == "\"truths\" belongs below the line [must_haves]");
  CHECK(hint_of(kRequired + "[must_have]\ntruths = []\n") == "did you mean \"must_haves\"?");
}

TEST_CASE("the fields of must_haves are checked too") {
  CHECK(faults(kRequired + "[must_haves]\nartefacts = []\n") ==
        Lines{"error 7:1 unknown field \"artefacts\" in [must_haves]"});
  CHECK(hint_of(kRequired + "[must_haves]\nartefacts = []\n") == "did you mean \"artifacts\"?");
  CHECK(hint_of(kRequired + "[must_haves]\nautonomous = true\n") ==
        "move \"autonomous\" above the line [must_haves]");
}

TEST_CASE("bad TOML is one error at its place") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a = = 1\n", "error 2:5 bad TOML: "},
      {"title = \"open\nwave = 1\n", "error 2:14 bad TOML: a string is not closed on its line"},
      {"plan = 1\nplan = 2\n", "error 3:8 bad TOML: "},
      {"just text\n", "error 2:6 bad TOML: "},
      {"title = \"\"\"open\n\n", "error 3:"},
  };
  for (const auto& [toml, begin] : cases) {
    INFO(toml);
    const Lines found = faults(toml);
    REQUIRE(found.size() == 1);
    CHECK(found[0].substr(0, begin.size()) == begin);
  }
}
