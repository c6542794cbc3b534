// SPDX-License-Identifier: MIT
#include "cli/completion.hpp"

#include <catch2/catch.hpp>

using namespace konductor::cli;  // NOLINT

namespace {

using Words = std::vector<std::string>;

CompletionSources sources() {
  CompletionSources sources;
  sources.phases = [] { return std::vector<Candidate>{{"01", "phase"}, {"02", "02-later"}}; };
  sources.plans = [](std::string_view) { return std::vector<Candidate>{{"01/002", "Second"}}; };
  sources.tasks = [](std::string_view) {
    return std::vector<Candidate>{{"01/002/1", "Add"}, {"01/002/2", "Use"}};
  };
  sources.runtimes = [] { return std::vector<Candidate>{{"claude", "claude"}, {"codex", ""}}; };
  sources.settings = [] { return std::vector<Candidate>{{"execution.schedule=", "Order"}}; };
  return sources;
}

Completion completion_of(const Words& words) {
  return complete(read_command_reference(), words, sources());
}

Words words_of(const Words& words) {
  Words found;
  for (const Candidate& one : completion_of(words).candidates)
    found.push_back(one.word);
  return found;
}

}  // namespace

TEST_CASE("commands are completed, each with what it does, and hidden ones are not") {
  CHECK(words_of({"exec"}) == Words{"execute"});
  CHECK(words_of({"plan", ""}) == Words{"check", "list", "show", "graph"});
  CHECK(words_of({"__"}).empty());
  CHECK(completion_of({"exec"}).candidates.front().about == "Run a phase, or go on with it");
}

TEST_CASE("phases and addresses stand where commands take them") {
  CHECK(words_of({"execute", ""}) == Words{"01", "02"});
  CHECK(words_of({"-C", "elsewhere", "status", "0"}) == Words{"01", "02"});
  CHECK(words_of({"show", "01/002/"}) == Words{"01/002/1", "01/002/2"});
  CHECK(words_of({"plan", "show", ""}) == Words{"01/002"});
  CHECK(words_of({"execute", "01", "--only", ""}) == Words{"01/002/1", "01/002/2"});
  CHECK(words_of({"execute", "--only=01/002/2"}) == Words{"--only=01/002/2"});
  CHECK(words_of({"execute", "--retry", "01"}) == Words{"01/002", "01/002/1", "01/002/2"});
  CHECK(words_of({"diff", "01"}) == Words{"01", "01/002", "01/002/1", "01/002/2"});
}

TEST_CASE("options are completed, and not a second time where that means nothing") {
  CHECK(words_of({"execute", "--dry"}) == Words{"--dry-run"});
  CHECK(words_of({"execute", "--dry-run", "--dry"}).empty());
  CHECK(words_of({"execute", "--approve", "01/001", "--app"}) == Words{"--approve"});
  CHECK(words_of({"execute", "--", "--dry"}).empty());
}

TEST_CASE("values are completed from what they may be") {
  CHECK(words_of({"plan", "graph", "--format", ""}) == Words{"text", "dot", "json"});
  CHECK(words_of({"plan", "check", "--format=s"}) == Words{"--format=sarif"});
  CHECK(words_of({"completions", ""}) == Words{"bash", "zsh", "fish"});
  CHECK(words_of({"conformance", "--runtime", "co"}) == Words{"codex"});
  CHECK(words_of({"execute", "--set", "exec"}) == Words{"execution.schedule="});
  CHECK(words_of({"show", "01/002/1", "--role", "spec"}) == Words{"spec-reviewer"});
  CHECK(completion_of({"execute", "--record", ""}).files == Completion::Files::directories);
  CHECK(completion_of({"execute", "--events", ""}).files == Completion::Files::files);
}

TEST_CASE("what cannot be followed completes nothing") {
  CHECK(words_of({"frobnicate", "x", "y"}).empty());
  CHECK(words_of({"execute", "--no-such-option=x"}).empty());
  CHECK(completion_of({}).candidates.size() == read_command_reference().commands.size());
}

TEST_CASE("the directory to look in is the one that -C names") {
  const CommandReference program = read_command_reference();
  CHECK(completion_directory(program, {"execute", ""}) == ".");
  CHECK(completion_directory(program, {"-C", "there", "execute", ""}) == "there");
  CHECK(completion_directory(program, {"execute", "-C", ""}) == ".");
}
