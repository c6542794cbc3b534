// SPDX-License-Identifier: MIT
// The commands around `execute`, on a real directory with a real journal.
#include <unistd.h>

#include <boost/system/system_error.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "cli/init_files.hpp"
#include "cli/lock_holder.hpp"
#include "cli/run_cli.hpp"
#include "platform/file_lock.hpp"
#include "platform/sqlite_journal.hpp"
#include "records/state_file.hpp"
#include "support/temp_dir.hpp"

using namespace konductor;  // NOLINT
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

struct Ended {
  int exit = 0;
  std::string out;
  std::string err;
};

// A project in a temporary directory, and the program called in it.
class Project {
 public:
  Ended run(std::vector<std::string> words) const { return run(std::move(words), "", false); }
  // At a terminal where somebody types these lines.
  Ended run_at_terminal(std::vector<std::string> words, const std::string& typed) const {
    return run(std::move(words), typed, true);
  }

  void write(const std::string& name, const std::string& text) const {
    test::write_file(path(name), text);
  }
  fs::path path(const std::string& name) const { return directory_ / name; }
  std::string read(const std::string& name) const { return test::read_file(path(name)); }

  void write_blocked() const {
    write_plan();
    leave_blocked();
  }
  void write_plan() const {
    write(".konductor/phases/01/plans/001.md", cli::example_plan("01", "true"));
  }

  // Every file below the project.
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(directory_.path()))
      names.insert(entry.path().lexically_relative(directory_.path()).string());
    return names;
  }

  // What a run that ended blocked leaves behind.
  void leave_blocked() const {
    namespace event = engine::event;
    auto journal = platform::SqliteJournal::open(path(".konductor/konductor.db"), "01");
    REQUIRE(journal.has_value());
    REQUIRE(journal.value()->take_fence().has_value());
    engine::event::attempt_finished finished;
    finished.plan = 1;
    finished.task = 1;
    finished.role = "executor";
    finished.attempt = 1;
    finished.cause = "done";
    std::vector<engine::Event> events;
    for (const engine::EventBody& body : std::vector<engine::EventBody>{
             event::run_started{"01", "0.1.0", "box", 1, 1, 4, "waves", "none"},
             event::plan_started{1, 1, 0, "P"}, event::task_started{1, 1, "T", "c0"},
             event::attempt_started{1, 1, "executor", "execute", 1, "fake"}, finished,
             event::status_reported{1, 1, 1, "BLOCKED", {}, "which database?"},
             event::task_blocked{1, 1, "which database?"},
             event::run_finished{4, "blocked", "none", ""}})
      events.push_back({1'769'860'800'000, "r1", body});
    REQUIRE(journal.value()->append(events, {}).has_value());
    records::StateFile state;
    state.current.phase = "01";
    state.current.step = "executing";
    records::add_blocker(state, "01", "01/001/1", "which database?", "2026-01-31T12:00:00Z");
    write(".konductor/state.toml", records::to_toml(state));
  }

 private:
  Ended run(std::vector<std::string> words, const std::string& typed, bool is_terminal) const {
    words.insert(words.begin(), {"konductor", "-C", directory_.text()});
    std::vector<const char*> argv;
    for (const std::string& word : words)
      argv.push_back(word.c_str());
    std::ostringstream out;
    std::ostringstream err;
    std::istringstream in(typed);
    cli::Surroundings around{out,         err,         {"PATH=" + (directory_ / "bin").string()},
                             is_terminal, is_terminal, is_terminal,
                             "",          &in};
    const int exit = cli::run_cli(static_cast<int>(argv.size()), argv.data(), around);
    return {exit, out.str(), err.str()};
  }

  test::TempDir directory_;
};

}  // namespace

TEST_CASE("init makes a project that is accepted, and changes nothing when it is called again") {
  const Project project;
  project.write("Cargo.toml", "");
  project.write("bin/codex", "#!/bin/sh\n");
  fs::permissions(project.path("bin/codex"), fs::perms::owner_all);
  const Ended first = project.run({"init"});
  REQUIRE(first.exit == 0);
  CHECK_THAT(first.out, Contains("cargo test") && Contains("codex") && Contains("config.toml"));
  CHECK_THAT(project.read(".konductor/config.toml"), Contains("\ndefault_runtime = \"codex\"\n"));
  CHECK_THAT(first.out, Contains("konductor doctor"));
  // All but the guide to plans, which only a project without a phase gets.
  const std::size_t first_files = 8;
  project.write(".konductor/project.md", "mine\n");
  const auto before = project.files();
  const std::string state = project.read(".konductor/state.toml");
  const Ended again = project.run({"init", "--json"});
  REQUIRE(again.exit == 0);
  const auto json = nlohmann::json::parse(again.out);
  CHECK(json["created"].empty());
  CHECK(json["kept"].size() == first_files);
  CHECK(project.files() == before);
  CHECK(project.read(".konductor/project.md") == "mine\n");
  CHECK(project.read(".konductor/state.toml") == state);
  const Ended status = project.run({"status"});
  CHECK(status.exit == 0);
  CHECK_THAT(status.out, Contains("next: write a plan to .konductor/phases/01/plans/001.md"));
  project.write_plan();
  CHECK(project.run({"plan", "check", "--strict"}).exit == 0);
}

TEST_CASE("init writes a first plan that is accepted, if that is wanted") {
  const Project project;
  project.write("Makefile", "test:\n\ttrue\n");
  const Ended ended = project.run({"init", "--example"});
  REQUIRE(ended.exit == 0);
  CHECK_THAT(ended.out, Contains("let .konductor/phases/01/plans/001.md say what is to be done"));
  CHECK_THAT(project.read(".konductor/phases/01/plans/001.md"), Contains("`make test` passes"));
  CHECK(project.run({"plan", "check", "01", "--strict"}).exit == 0);
  project.write(".konductor/phases/01/plans/001.md", "mine\n");
  REQUIRE(project.run({"init", "--example"}).exit == 0);
  CHECK(project.read(".konductor/phases/01/plans/001.md") == "mine\n");
}

TEST_CASE("init asks a person what it cannot see, and only once") {
  const Project project;
  project.write("Makefile", "test:\n\ttrue\n");
  const std::string answers = "It greets people.\nmake check\nyes\n";
  SECTION("a new project") {
    const Ended ended = project.run_at_terminal({"init", "--name", "greeter"}, answers);
    REQUIRE(ended.exit == 0);
    CHECK_THAT(ended.out, Contains("What does \"greeter\" do") && Contains("[make test]: "));
    const std::string about = project.read(".konductor/project.md");
    CHECK_THAT(about, Contains("\nIt greets people.\n") && Contains("- Tests: `make check`\n"));
    CHECK_THAT(project.read(".konductor/phases/01/plans/001.md"), Contains("`make check` passes"));
    CHECK(project.run({"plan", "check", "01", "--strict"}).exit == 0);
    CHECK_THAT(project.run_at_terminal({"init"}, "").out, !Contains("What does"));
  }
  SECTION("who wants no questions") {
    const char* const option = GENERATE("--yes", "--quiet", "--json");
    const Ended ended = project.run_at_terminal({"init", option}, answers);
    REQUIRE(ended.exit == 0);
    CHECK_THAT(ended.out, !Contains("What does"));
    CHECK_THAT(project.read(".konductor/project.md"), Contains("- Tests: `make test`\n"));
  }
}

TEST_CASE("init adds what is missing beside the phases that are there") {
  const Project project;
  project.write(".konductor/phases/02-parser/plans/001.md", cli::example_plan("02", ""));
  REQUIRE(project.run({"init"}).exit == 0);
  CHECK_FALSE(fs::exists(project.path(".konductor/phases/01")));
  CHECK_THAT(project.read(".konductor/state.toml"), Contains("\"02\"") || Contains("'02'"));
  CHECK(project.run({"plan", "check"}).exit == 0);
}

TEST_CASE("init refuses what it cannot set up") {
  const Project project;
  SECTION("a file in the way") {
    project.write(".konductor", "not a folder");
    const Ended ended = project.run({"init"});
    CHECK(ended.exit == 2);
    CHECK_THAT(ended.err, Contains("konductor: error: ") && Contains("is not a directory"));
    CHECK(project.read(".konductor") == "not a folder");
  }
  SECTION("a directory that cannot be written") {
    if (::geteuid() == 0) return;  // Nothing is forbidden to root.
    project.write("locked/x", "");
    fs::permissions(project.path("locked"), fs::perms::owner_read | fs::perms::owner_exec);
    const Ended ended = project.run({"-C", project.path("locked").string(), "init"});
    CHECK(ended.exit == 6);
    CHECK_THAT(ended.err, Contains("cannot set up"));
  }
  SECTION("no directory") {
    CHECK(project.run({"-C", project.path("nowhere").string(), "init"}).exit == 2);
  }
}

TEST_CASE("looking makes no file") {
  const Project project;
  const bool is_blocked = GENERATE(false, true);
  project.write_plan();
  if (is_blocked) project.leave_blocked();
  const auto before = project.files();
  CHECK(project.run({"status"}).exit == 0);
  CHECK(project.run({"status", "01", "--json"}).exit == 0);
  CHECK(project.run({"plan", "list"}).exit == 0);
  CHECK(project.run({"plan", "graph", "--format", "dot"}).exit == 0);
  CHECK(project.run({"plan", "show", "1"}).exit == 0);
  CHECK(project.files() == before);
}

TEST_CASE("without a journal the summary files tell what is complete") {
  const Project project;
  project.write_plan();
  project.write(".konductor/phases/01/plans/001-task-1-summary.md",
                "## Status: DONE\n\n## Review Status: passed\n");
  project.write(".konductor/phases/01/plans/001-summary.md", "# Plan 001\n");
  const Ended ended = project.run({"status"});
  REQUIRE(ended.exit == 0);
  CHECK_THAT(ended.out, Contains("1 of 1 plan and 1 of 1 task complete"));
  CHECK_THAT(ended.out, Contains("no journal"));
}

TEST_CASE("a blocked task is freed with the context of a person") {
  const Project project;
  project.write_blocked();
  CHECK_THAT(project.run({"status"}).out, Contains("konductor unblock 01/001/1 --context \"…\""));
  const Ended freed = project.run({"unblock", "1/1", "--context", "it is db2"});
  REQUIRE(freed.exit == 0);
  CHECK_THAT(freed.out, Contains("01/001/1") && Contains("konductor execute 01"));
  const auto state = records::parse_state(project.read(".konductor/state.toml"));
  REQUIRE(state.has_value());
  REQUIRE(state.value().blockers.size() == 1);
  CHECK(state.value().blockers[0].resolved);
  CHECK(state.value().current.status == "idle");
  const auto status = nlohmann::json::parse(project.run({"status", "--json"}).out);
  CHECK(status["blockers"].empty());
  const Ended again = project.run({"unblock", "01/001/1", "--context", "once more"});
  CHECK(again.exit == 2);
  CHECK_THAT(again.err, Contains("is not blocked"));
}

TEST_CASE("unblock refuses what makes no sense and records nothing") {
  const Project project;
  project.write_blocked();
  const std::string state = project.read(".konductor/state.toml");
  for (const char* address : {"01/001/2", "01/009/1", "01/holistic", "7", "02/001/1"}) {
    CAPTURE(address);
    const Ended ended = project.run({"unblock", address, "--context", "x"});
    CHECK(ended.exit == 2);
    CHECK_THAT(ended.err, Contains("konductor: error: "));
  }
  CHECK(project.run({"unblock", "01/001/1", "--context", " "}).exit == 2);
  CHECK(project.read(".konductor/state.toml") == state);
  CHECK(project.run({"unblock", "01/001/1", "--context", "now"}).exit == 0);
}

TEST_CASE("unblock makes no journal where there is none") {
  const Project project;
  project.write_plan();
  const auto before = project.files();
  const Ended ended = project.run({"unblock", "01/001/1", "--context", "x", "--json"});
  CHECK(ended.exit == 2);
  CHECK(nlohmann::json::parse(ended.out)["exit"] == 2);
  CHECK(project.files() == before);
}

TEST_CASE("an engine that holds the phase is seen, and not disturbed by unblock") {
  const Project project;
  project.write_blocked();
  const fs::path lock_path = project.path(".konductor/konductor.db-01.lock");
  CHECK_FALSE(cli::find_lock_holder(lock_path));
  {
    const auto lock = platform::FileLock::try_lock(lock_path, 1'769'860'800'000);
    REQUIRE(lock.has_value());
    const auto holder = cli::find_lock_holder(lock_path);
    REQUIRE(holder);
    CHECK(holder->pid == ::getpid());
    CHECK_THAT(project.run({"status"}).out, Contains("running now: pid "));
    const Ended ended = project.run({"unblock", "01/001/1", "--context", "x"});
    CHECK(ended.exit == 5);
    CHECK_THAT(ended.err, Contains("pid "));
  }
  // An engine that was killed leaves its file behind, and its number may be taken by another.
  project.write(".konductor/konductor.db-01.lock",
                R"({"host":"","pid":)" + std::to_string(::getpid()) + R"(,"started":"x"})");
  CHECK_FALSE(cli::find_lock_holder(lock_path));
  CHECK_THAT(project.run({"status"}).out, !Contains("running now"));
}

TEST_CASE("plans with errors are listed as far as they can be read") {
  const Project project;
  project.write_plan();
  project.write(".konductor/phases/01/plans/002.md", "no frontmatter\n");
  const Ended list = project.run({"plan", "list"});
  CHECK(list.exit == 2);
  CHECK_THAT(list.out, Contains("01/001"));
  CHECK_THAT(list.err, Contains("konductor plan check 01"));
  CHECK(project.run({"plan", "show", "001"}).exit == 0);
  CHECK(project.run({"plan", "show", "002"}).exit == 2);
  CHECK(project.run({"plan", "show", "003"}).exit == 2);
  CHECK(project.run({"plan", "graph"}).exit == 2);
  const Ended status = project.run({"status"});
  CHECK(status.exit == 0);
  CHECK_THAT(status.out, Contains("next: mend the plans: konductor plan check 01"));
}

TEST_CASE("errors are one JSON document where JSON was asked for") {
  const Project project;
  for (const std::vector<std::string>& words : {std::vector<std::string>{"status", "--json"},
                                                {"plan", "check", "--json"},
                                                {"plan", "graph", "--format", "json"},
                                                {"unblock", "1/1", "--context", "x", "--json"},
                                                {"execute", "01", "--json"},
                                                {"execute", "--json", "--bogus"},
                                                {"bogus", "--json"}}) {
    CAPTURE(words);
    const Ended ended = project.run(words);
    CHECK(ended.exit == 2);
    CHECK_THAT(ended.err, Catch::StartsWith("konductor: error: "));
    const auto json = nlohmann::json::parse(ended.out, nullptr, false);
    REQUIRE(json.is_object());
    CHECK(json["exit"] == 2);
    CHECK(json["schema_version"] == 1);
  }
}

TEST_CASE("a bug that throws is still one document for execute") {
  std::ostringstream out;
  std::ostringstream err;
  cli::Surroundings around{out, err, {}, false, false};
  const std::vector<const char*> argv = {"konductor", "execute", "01", "--json"};
  const std::logic_error bug("no such case");
  CHECK(cli::report_exception(4, argv.data(), around, &bug) == 1);
  const auto json = nlohmann::json::parse(out.str());
  CHECK(json["outcome"] == "failed");
  CHECK(json["phase"] == "01");
  CHECK_THAT(err.str(), Contains("internal error: no such case"));
}

TEST_CASE("memory and descriptors that run out are the environment's fault") {
  std::ostringstream out;
  std::ostringstream err;
  cli::Surroundings around{out, err, {}, false, false};
  const std::vector<const char*> argv = {"konductor", "execute", "01", "--json"};
  SECTION("memory") {
    const std::bad_alloc none;
    CHECK(cli::report_exception(4, argv.data(), around, &none) == 6);
  }
  SECTION("descriptors") {
    const boost::system::system_error none(EMFILE, boost::system::system_category());
    CHECK(cli::report_exception(4, argv.data(), around, &none) == 6);
  }
  CHECK(nlohmann::json::parse(out.str())["outcome"] == "environment");
  CHECK_THAT(err.str(), Contains("the system has no more to give"));
}
