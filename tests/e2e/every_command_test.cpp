// SPDX-License-Identifier: MIT
// The story of one project: set up, planned, executed with a person at its side, looked at, mended
// and tidied up. Each command has its turn, and what it prints as JSON is held to its schema.
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "conformance/lie.hpp"
#include "e2e/terminal.hpp"
#include "e2e/told_documents.hpp"

using Catch::Matchers::Contains;
using e2e::Ended;
using e2e::json;
using e2e::Words;

namespace {

namespace fs = std::filesystem;

constexpr int kPatience = 240;

// Copies the word it is asked for, and waits where it is asked to.
constexpr const char* kClerk = R"(
case "$KONDUCTOR_ROLE/$KONDUCTOR_PHASE" in
executor/01)
  cat word.txt >copy.txt
  cat word.txt >shell.txt
  printf '## Status: DONE\n\n## Files Created\n\n- `copy.txt`\n- `shell.txt`\n' >"$KONDUCTOR_OUTPUT" ;;
executor/*)
  sleep 240 &
  wait ;;
*)
  printf '## Verdict: pass\n\n## Findings\n\nNone.\n' >"$KONDUCTOR_OUTPUT" ;;
esac
)";

class Story {
 public:
  Story() { fs::remove_all(scenario_.konductor()); }

  void is_set_up() {
    const json first = tell({"init", "--name", "greeter"});
    CHECK(first.at("project") == "greeter");
    CHECK(first.at("created").size() > 3);
    CHECK(first.at("next").back() == "konductor execute 01");
    CHECK(tell({"init"}).at("created").empty());
    add_runtimes();
    CHECK(tell({"agents", "list"}).at("agents").size() > 2);
    CHECK(tell({"doctor"}).at("findings").size() > 5);
    CHECK(tell({"--version"}).at("version") == KONDUCTOR_VERSION);
    CHECK_FALSE(tell({"completions", "fish"}).at("script").get<std::string>().empty());
  }

  void is_planned() {
    CHECK_THAT(tell({"plan", "check", "01"}, 2).at("error").get<std::string>(),
               Contains("phase \"01\" has no plans"));
    scenario_.plans_in_waves(
        {{{"ok"}, {"ok"}}, {{"waits door"}}, {{"blocked until told"}}, {{"ok"}, {"hang once"}}});
    CHECK(tell({"plan", "check"}).at("diagnostics").empty());
    CHECK(tell({"plan", "list"}).at("plans").size() == 4);
    CHECK(tell({"plan", "show", "01/001"}).at("tasks").at(0).at("verify_steps").at(0).at("text") ==
          "test -s p1t1.txt");
    CHECK(tell({"plan", "graph"}).at("edges").size() == 3);
    const json preview = tell({"execute", "01", "--dry-run"});
    CHECK(preview.at("outcome") == "dry_run");
    CHECK(preview.at("rounds").size() == 4);
    CHECK(tell({"explain", "01/001/1"}).at("subject") == "01/001/1");
    CHECK(tell({"status"}).at("tasks_total") == 6);
  }

  // As far as its third plan, which lacks something that only a person knows.
  void is_executed() {
    const auto engine = scenario_.start_execute({"--json"});
    REQUIRE(scenario_.wait_for_log("waiting"));
    const konductor::test::TempDir outputs;
    e2e::Program watcher({KONDUCTOR_BINARY_DIR "/konductor", "watch", "01", "--json"},
                         e2e::program_environment(scenario_), scenario_.project(), outputs.path());
    REQUIRE(
        e2e::wait_until([&] { return !konductor::test::read_file(outputs / "stdout").empty(); }));
    CHECK(tell({"pause", "01"}).at("by") == "engine");
    CHECK(tell({"status", "01"}).at("engine").at("paused") == true);
    CHECK(tell({"tell", "01/003/1", "The colour is blue."}).at("by") == "engine");
    CHECK(tell({"resume", "01"}).at("by") == "engine");
    CHECK_FALSE(tell({"log", "01/002/1"}).at("attempts").empty());
    scenario_.open_door("door");
    const json result = heard({"execute"}, engine->wait(), 4).back();
    CHECK(result.at("blockers").at(0).at("task") == "01/003/1");
    CHECK(heard({"watch"}, watcher.wait(), 4).back().at("type") == "run_finished");
    for (const json& event : scenario_.events())
      konductor::test::SchemaChecker("event.schema.json").check(event);
  }

  void is_looked_at() {
    CHECK(tell({"status", "01"}).at("blockers").at(0).at("task") == "01/003/1");
    CHECK(tell({"explain", "01/003/1"}).at("state") == "blocked");
    CHECK(tell({"explain", "01/004"}).at("state") == "skipped");
    CHECK(tell({"log", "01/003/1", "--role", "executor"}).at("attempts").size() == 1);
    const json task = tell({"show", "01/003/1"});
    CHECK(task.at("notes") == json{"The colour is blue."});
    CHECK_FALSE(task.at("documents").empty());
    CHECK(tell({"show", "01/001"}).at("tasks").size() == 2);
    CHECK_FALSE(tell({"show", "01/001/2", "--prompt"}).at("prompt").at("parts").empty());
    CHECK(tell({"cost", "01", "--by", "role"}).at("total").at("attempts").get<int>() >= 8);
    CHECK(tell({"diff", "01/001/2"}).at("patch").get<std::string>().find("p1t2.txt") !=
          std::string::npos);
    CHECK(tell({"diff", "01/001", "--stat"}).at("files").size() == 2);
    CHECK(tell({"runs"}).at("runs").size() == 1);
    CHECK_THAT(tell({"runs", "diff"}, 2).at("error").get<std::string>(),
               Contains("nothing to compare it with"));
  }

  // What was blocked is told what it lacked; a run that is stopped is gone on with.
  void is_mended() {
    CHECK(tell({"unblock", "01/003/1", "--context", "the key is 42"}).at("by") == "command");
    CHECK(tell({"skip", "01/004/2", "--because", "later"}).at("task") == "01/004/2");
    CHECK(tell({"retry", "01/004/2"}).at("next") == "konductor execute 01");
    const auto engine = scenario_.start_execute({"--json"});
    REQUIRE(scenario_.wait_for_log("hanging"));
    CHECK(tell({"stop", "01"}).at("next") == "konductor execute 01");
    CHECK(heard({"execute"}, engine->wait(), 130).back().at("outcome") == "interrupted");
    const json planned = tell({"rollback", "01/004/1", "--dry-run"});
    CHECK(planned.at("undone").at(0).at("kept") == "");
    const json undone = tell({"rollback", "01/004/1"});
    CHECK(undone.at("undone").at(0).at("task") == "01/004/1");
    CHECK_FALSE(undone.at("undone").at(0).at("kept").get<std::string>().empty());
    CHECK(tell({"execute", "01"}).at("outcome") == "complete");
    CHECK(tell({"runs", "diff"}).at("phase") == "01");
    CHECK(tell({"plan", "list"}).at("plans").at(3).at("status") == "completed");
  }

  void is_tidied_up() {
    // What was rolled back is in no branch, and goes when it is named only.
    const json planned = tell({"clean", "--logs", "--dry-run"}, 1);
    CHECK(planned.at("dry_run") == true);
    CHECK(planned.at("logs").size() == 3);
    CHECK(scenario_.exists(".konductor/runs/" + planned.at("logs").at(0).get<std::string>()));
    const json cleaned = tell({"clean", "--logs"}, 1);
    CHECK(cleaned.at("logs") == planned.at("logs"));
    CHECK(fs::is_empty(scenario_.konductor() / "runs"));
    const json kept = cleaned.at("refused").at(0);
    CHECK(kept.at("kind") == "kept_work");
    const std::string name = kept.at("name");
    CHECK(kept.at("command") == "konductor clean --force " + name);
    CHECK(tell({"clean", "--force", name}).at("removed").at(0).at("name") == name);
    CHECK(tell({"status"}).at("tasks_completed") == 6);
  }

  void tries_its_agents() {
    const json trial = tell({"agents", "test", "clerk", "--interrupt-after", "2s"});
    CHECK(trial.at("checks").size() == 4);
    CHECK(trial.at("folder") == "");
    const json lies = tell({"conformance", "--runtime", "honest", "--only", "wrote a stub"});
    CHECK(lies.at("cases").at(0).at("lie") == false);
    CHECK(lies.at("cases").at(1).at("held") == true);
  }

  // Commands that print something and had no turn.
  [[nodiscard]] std::set<std::string> left_out() const {
    std::set<std::string> left;
    for (const e2e::CommandReference* command : e2e::all_commands())
      if (!command->schema.empty() && told_.count(command->path) == 0) left.insert(command->path);
    return left;
  }

 private:
  void add_runtimes() {
    const fs::path clerk = scenario_.agent_directory() / "clerk.sh";
    const fs::path honest = scenario_.agent_directory() / "honest.sh";
    scenario_.write(clerk, kClerk);
    scenario_.write(honest, konductor::conformance::agent_script("", scenario_.agent_directory(),
                                                                 scenario_.project()));
    for (const fs::path& script : {clerk, honest}) {
      const std::string key = "runtimes." + script.stem().string();
      scenario_.set(key + ".kind", "\"command\"");
      scenario_.set(key + ".command", "[\"/bin/sh\", \"" + script.string() + "\"]");
    }
  }

  // Runs the command with `--json`; what it printed.
  json tell(const Words& words, int exit = 0) {
    CAPTURE(words);
    return heard(words, scenario_.start(e2e::with(words, {"--json"}))->wait(kPatience), exit)
        .back();
  }

  std::vector<json> heard(const Words& words, const Ended& ended, int exit) {
    const e2e::CommandReference& command = e2e::command_of(words);
    CHECK(ended.exit == exit);
    std::vector<json> documents = e2e::check_documents(command, ended);
    if (!documents.back().contains("error")) told_.insert(command.path);
    return documents;
  }

  e2e::Scenario scenario_;
  std::set<std::string> told_;
};

}  // namespace

TEST_CASE("every command has its turn in the story of one project, and keeps to its schema") {
  Story story;
  story.is_set_up();
  story.is_planned();
  story.is_executed();
  story.is_looked_at();
  story.is_mended();
  story.is_tidied_up();
  story.tries_its_agents();
  CHECK(story.left_out() == std::set<std::string>{});
}
