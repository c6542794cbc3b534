// SPDX-License-Identifier: MIT
#include "agent/prompt_template.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "agent/shipped_files.hpp"

using namespace konductor;
using namespace konductor::agent;

namespace {

const Holes kHoles = {{"phase", "01"}, {"role", "executor"}};

std::string filled(std::string_view text) {
  const Result<std::string> result = fill_template("t.md", text, kHoles);
  return result.has_value() ? result.value() : "error: " + result.error().message;
}

std::string read_source(const std::string& path) {
  std::ifstream stream(KONDUCTOR_SOURCE_DIR "/" + path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("holes are filled, and values are not read for holes") {
  CHECK(filled("a {{role}} b {{ phase }}{{role}}\nend") == "a executor b 01executor\nend\n");
  CHECK(fill_template("t.md", "{{a}}", {{"a", "{{b}}"}}).value() == "{{b}}\n");
  CHECK(filled("{ {x} } }} {x}\n") == "{ {x} } }} {x}\n");
  CHECK(filled("${\\{{ secrets.x }}}\n") == "${{{ secrets.x }}}\n");
  CHECK(filled("\xEF\xBB\xBF{{role}}\r\n") == "executor\n");
  CHECK(filled("") == "");
}

TEST_CASE("an unknown or unclosed hole is an error that names the known ones") {
  CHECK(
      filled("ok\n\xC3\xA9 {{rol}}\n{{role\n{{}}\n") ==
      "error: t.md:2:3: unknown hole {{rol}}; did you mean \"role\"? (known: {{phase}}, {{role}}; "
      "\\{{ stands for two braces)\n"
      "t.md:3:1: a hole is not closed: write {{name}}, or \\{{ for two braces\n"
      "t.md:4:1: unknown hole {{}} (known: {{phase}}, {{role}}; \\{{ stands for two braces)");
  CHECK(filled("\xFF").find("not UTF-8") != std::string::npos);
}

TEST_CASE("the shipped files are those of the source") {
  for (const ShippedFile& file : shipped_prompts()) {
    INFO(file.name);
    CHECK(read_source("prompts/" + std::string(file.name) + ".md") == file.text);
  }
  for (const ShippedFile& file : shipped_roles()) {
    INFO(file.name);
    CHECK(read_source("agents/konductor-" + std::string(file.name) + ".toml") == file.text);
  }
  CHECK(shipped_prompts().size() == 10);
  CHECK(shipped_roles().size() == 5);
  CHECK_FALSE(shipped_prompt("nothing").has_value());
  CHECK_FALSE(shipped_role("designer").has_value());
}

TEST_CASE("every shipped prompt can be filled and keeps no hole") {
  const std::pair<const char*, RoleName> templates[] = {
      {"executor", RoleName::executor},           {"spec-reviewer", RoleName::spec_reviewer},
      {"code-reviewer", RoleName::code_reviewer}, {"holistic", RoleName::code_reviewer},
      {"researcher", RoleName::researcher},       {"assessor", RoleName::assessor},
      {"assess-concerns", RoleName::assessor},    {"conflict-fix", RoleName::executor},
  };
  for (const auto& [name, role] : templates) {
    INFO(name);
    const Result<std::string> text = role_instructions(name, role, "01-auth", {});
    if (text.has_error()) FAIL(text.error().message);
    CHECK(text.value().find("{{") == std::string::npos);
    CHECK(text.value().find("$KONDUCTOR_OUTPUT") != std::string::npos);
    CHECK(text.value().find("01-auth") != std::string::npos);
  }
}

TEST_CASE("the shipped prompts teach the words that the engine reads") {
  const auto teaches = [](const char* name, RoleName role, std::vector<std::string> words) {
    const std::string text = role_instructions(name, role, "01", {}).value();
    for (const std::string& word : words) {
      INFO(name << ": " << word);
      CHECK(text.find(word) != std::string::npos);
    }
  };
  teaches(
      "executor", RoleName::executor,
      {"## Status: DONE", "DONE_WITH_CONCERNS", "NEEDS_CONTEXT", "BLOCKED", "## Concerns",
       "[actionable]", "[informational]", "## Missing Context", "## Blocker", "## Files Created",
       "## Files Modified", "## Files Deleted", "## Deviations", "`type = \"tdd\"`"});
  teaches("conflict-fix", RoleName::executor,
          {"## Status: DONE", "DONE_WITH_CONCERNS", "NEEDS_CONTEXT", "BLOCKED", "## Concerns",
           "## Missing Context", "## Blocker", "## Files Deleted", "marker"});
  for (const char* name : {"spec-reviewer", "code-reviewer", "holistic"})
    teaches(name, RoleName::code_reviewer,
            {"## Verdict: pass", "`fail`", "## Findings", "[significant]", "[minor]",
             "path:line — text", "Change nothing"});
  teaches("researcher", RoleName::researcher, {"## Context"});
  teaches("assessor", RoleName::assessor,
          {"## Decision: context", "## Decision: split", "## Decision: escalate", "## Tasks",
           "### Task 1", "- **action:**"});
  teaches("assess-concerns", RoleName::assessor,
          {"## Concerns", "[actionable]", "[informational]"});
}

TEST_CASE("a project replaces a template, a shared part or adds to a role") {
  ProjectPrompts project;
  project["executor"] = TextFile{"p/executor.md", "mine for {{role}}\n{{document_rules}}\n"};
  project["document-rules"] = TextFile{"p/document-rules.md", "rules of {{phase}}\n"};
  project["executor-extra"] = TextFile{"p/executor-extra.md", "Use {{tabs}} as they are.\r\n"};
  CHECK(role_instructions("executor", RoleName::executor, "02", project).value() ==
        "mine for executor\nrules of 02\n\nUse {{tabs}} as they are.\n");
  CHECK(role_instructions("holistic", RoleName::code_reviewer, "02", project)
            .value()
            .find("rules of 02") != std::string::npos);
  project["executor"].text = "{{plan}}\n";
  const Result<std::string> bad = role_instructions("executor", RoleName::executor, "02", project);
  REQUIRE(bad.has_error());
  CHECK(bad.error().message.find("p/executor.md:1:1: unknown hole {{plan}}") == 0);
  CHECK(bad.error().message.find("{{review_rules}}") != std::string::npos);
  const auto missing = role_instructions("designer", RoleName::designer, "02", project);
  REQUIRE(missing.has_error());
  CHECK(missing.error().code == ErrorCode::not_found);
  project["assessor-extra"] = TextFile{"p/assessor-extra.md", "\xFF"};
  CHECK(role_instructions("assessor", RoleName::assessor, "02", project).has_error());
}

TEST_CASE("the template follows from role and reason") {
  Role reviewer;
  reviewer.name = RoleName::code_reviewer;
  reviewer.prompt = "mine";
  CHECK(template_name(reviewer, "review", false) == "mine");
  CHECK(template_name(reviewer, "holistic", false) == "holistic");
  Role assessor;
  assessor.name = RoleName::assessor;
  CHECK(template_name(assessor, "assess", false) == "assessor");
  CHECK(template_name(assessor, "assess", true) == "assess-concerns");
  Role executor;
  CHECK(template_name(executor, "holistic_fix", false) == "executor");
  CHECK(template_name(executor, "merge_fix", false) == "conflict-fix");
  CHECK(template_name(executor, "concerns", true) == "executor");
}
