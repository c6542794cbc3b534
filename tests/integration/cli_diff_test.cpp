// SPDX-License-Identifier: MIT
// How a diff is shown to a person at a terminal, on a real repository with a real journal.
#include <catch2/catch.hpp>
#include <sstream>

#include "cli/init_files.hpp"
#include "cli/run_cli.hpp"
#include "platform/sqlite_journal.hpp"
#include "support/git_project.hpp"

using namespace konductor;  // NOLINT
using Catch::Matchers::Contains;
using test::GitProject;

namespace {

// A project whose first task went from one commit to the next.
class DoneTask {
 public:
  DoneTask() {
    project.write(".konductor/phases/01/plans/001.md", cli::example_plan("01", "true"));
    from_ = project.head();
  }

  void record(const std::string& to) const {
    namespace event = engine::event;
    auto journal = platform::SqliteJournal::open(project.root / ".konductor/konductor.db", "01");
    REQUIRE(journal.has_value());
    REQUIRE(journal.value()->take_fence().has_value());
    event::attempt_finished finished;
    finished.plan = 1;
    finished.task = 1;
    finished.role = "executor";
    finished.attempt = 1;
    finished.cause = "done";
    finished.commit = to;
    std::vector<engine::Event> events;
    for (const engine::EventBody& body : std::vector<engine::EventBody>{
             event::run_started{"01", "0.1.0", "box", 1, 1, 4, "waves", "worktree"},
             event::plan_started{1, 1, 0, "P"}, event::workspace_prepared{1, from_, from_},
             event::task_started{1, 1, "T", from_},
             event::attempt_started{1, 1, "executor", "execute", 1, "fake"}, finished})
      events.push_back({1'769'860'800'000, "r1", body});
    REQUIRE(journal.value()->append(events, {}).has_value());
  }

  std::string show(std::vector<std::string> words, bool is_terminal,
                   std::vector<std::string> environment = {}) const {
    words.insert(words.begin(), {"konductor", "-C", project.root.string(), "diff"});
    std::vector<const char*> argv;
    for (const std::string& word : words)
      argv.push_back(word.c_str());
    std::ostringstream out;
    std::ostringstream err;
    cli::Surroundings around{out, err, std::move(environment), false, false, is_terminal};
    const int exit = cli::run_cli(static_cast<int>(argv.size()), argv.data(), around);
    INFO(err.str());
    REQUIRE(exit == 0);
    return out.str();
  }

  GitProject project;

 private:
  std::string from_;
};

}  // namespace

TEST_CASE("a patch is coloured on a terminal only, and orders nothing to it") {
  const DoneTask done;
  done.project.write("a.txt", "\x1b[31mred\n");
  done.record(done.project.commit("work"));
  const std::string plain = done.show({"01/001/1"}, false);
  CHECK_THAT(plain, Contains("\n+\x1b[31mred\n"));
  const std::string coloured = done.show({"01/001/1"}, true);
  CHECK_THAT(coloured, Contains("\x1b[32m+^[[31mred\x1b[0m\n") && Contains("\x1b[33m@@"));
  CHECK_THAT(done.show({"01/001/1"}, true, {"NO_COLOR=1"}), Contains("\n+^[[31mred\n"));
}

TEST_CASE("renamed, removed, binary and very large files are shown") {
  const DoneTask done;
  std::string large;
  for (int line = 0; line < 600'000; ++line)
    large += "line " + std::to_string(line) + "\n";
  done.project.git({"mv", "src/main.c", "src/other.c"});
  done.project.git({"rm", "-q", "README.md"});
  done.project.write("data.bin", std::string("\0\1\2\0", 4));
  done.project.write("large.txt", large);
  done.record(done.project.commit("work"));
  const std::string stat = done.show({"01/001/1", "--stat"}, false);
  CHECK_THAT(stat, Contains("src/main.c => src/other.c | +0 -0\n") && Contains("| binary\n") &&
                       Contains("| +600000 -0\n") && Contains("| +0 -1\n"));
  const std::string patch = done.show({"01/001/1"}, false);
  // The whole of it.
  CHECK_THAT(patch, Contains("\n+line 599999\n") && Contains("\nrename from src/main.c\n") &&
                        Contains("Binary files /dev/null and b/data.bin differ\n"));
  CHECK(done.show({"01/001/1", "--name-only"}, false) ==
        "README.md\ndata.bin\nlarge.txt\nsrc/other.c\n");
}
