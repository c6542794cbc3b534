// SPDX-License-Identifier: MIT
// A phase from its first process to its last file.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Attempt;
using e2e::own_file;
using e2e::Plan;
using e2e::Scenario;
using e2e::Task;
using e2e::Words;

namespace {

namespace fs = std::filesystem;

Plan one_task(int number, int wave, const std::vector<int>& depends_on,
              const std::string& title = "ok") {
  Plan plan;
  plan.number = number;
  plan.wave = wave;
  plan.depends_on = depends_on;
  plan.tasks = {Task{title}};
  return plan;
}

std::int64_t first_start(const Scenario& scenario, int plan) {
  const auto list = scenario.attempts("executor", plan);
  REQUIRE_FALSE(list.empty());
  return list.front().began;
}

std::int64_t last_end(const Scenario& scenario, int plan) {
  std::int64_t last = 0;
  for (const Attempt& attempt : scenario.attempts())
    if (attempt.plan == plan) last = std::max(last, attempt.ended);
  return last;
}

// Attempts that were alive when `moment` began, itself included.
std::vector<Attempt> alive_with(const std::vector<Attempt>& all, const Attempt& moment) {
  std::vector<Attempt> alive;
  for (const Attempt& attempt : all)
    if (attempt.began <= moment.began && attempt.ended > moment.began) alive.push_back(attempt);
  return alive;
}

std::size_t place_of(const std::string& text, const std::string& part) {
  INFO("looking for: " << part);
  const auto at = text.find(part);
  REQUIRE(at != std::string::npos);
  return at;
}

}  // namespace

TEST_CASE("a phase of one task runs from plan to delivered file") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  CHECK(scenario.read("p1t1.txt") == "plan 1 task 1\n");
  CHECK(scenario.is_task_filed(1, 1));
  CHECK(scenario.has_plan_file("001-task-1-spec-review.md"));
  CHECK(scenario.has_plan_file("001-task-1-quality-review.md"));
  CHECK(scenario.has_plan_file("001-summary.md"));
  CHECK(scenario.exists(".konductor/phases/01/code-review.md"));
  CHECK(scenario.state("current.step") == "executed");
  CHECK(scenario.count_worktrees() == 1);
  CHECK(scenario.living_agents().empty());
}

TEST_CASE("the result file of a plan tells its counts") {
  Scenario scenario;
  scenario.plan(1, {"ok", "ok"});
  REQUIRE(scenario.execute().exit == 0);
  const std::string text = scenario.read(".konductor/.results/execute-01-plan-1.toml");
  CHECK_THAT(text, Contains("step = ") && Contains("execute"));
  CHECK_THAT(text, Contains("plan = 1") && Contains("wave = 1"));
  CHECK_THAT(text, Contains("tasks_total = 2") && Contains("tasks_completed = 2"));
  CHECK_THAT(text, Contains("status") && Contains("ok"));
  CHECK_THAT(text, Contains("timestamp"));
}

TEST_CASE("a wave starts when the one before is settled") {
  Scenario scenario;
  scenario.plan(one_task(1, 1, {})).plan(one_task(2, 1, {})).plan(one_task(3, 2, {1}));
  REQUIRE(scenario.execute().exit == 0);
  CHECK(first_start(scenario, 3) > last_end(scenario, 1));
  CHECK(first_start(scenario, 3) > last_end(scenario, 2));
  // What the first wave made is there for the second.
  const auto files = scenario.attempts("executor", 3).at(0).start["files"].get<Words>();
  CHECK(std::count(files.begin(), files.end(), "p1t1.txt") == 1);
  CHECK(std::count(files.begin(), files.end(), "p2t1.txt") == 1);
}

TEST_CASE("plans of a wave run side by side up to the limit and each has its slot") {
  Scenario scenario;
  scenario.set("execution.max_wave_parallelism", "2");
  for (int number = 1; number <= 4; ++number)
    scenario.plan(one_task(number, 1, {}, "meets 2"));
  REQUIRE(scenario.execute().exit == 0);
  const auto all = scenario.attempts();
  std::size_t most = 0;
  for (const Attempt& moment : all) {
    const auto alive = alive_with(all, moment);
    std::set<int> slots;
    for (const Attempt& attempt : alive)
      slots.insert(attempt.slot);
    CHECK(slots.size() == alive.size());
    most = std::max(most, alive.size());
    CHECK((moment.slot == 0 || moment.slot == 1));
  }
  CHECK(most == 2);
}

TEST_CASE("four plans run at once by default") {
  Scenario scenario;
  for (int number = 1; number <= 5; ++number)
    scenario.plan(one_task(number, 1, {}, number <= 4 ? "meets 4" : "ok"));
  REQUIRE(scenario.execute().exit == 0);
  std::size_t most = 0;
  const auto all = scenario.attempts();
  for (const Attempt& moment : all)
    most = std::max(most, alive_with(all, moment).size());
  CHECK(most == 4);
}

TEST_CASE("with one slot the lowest plan number goes first") {
  Scenario scenario;
  scenario.set("execution.max_wave_parallelism", "1");
  for (const int number : {10, 2, 7, 1})
    scenario.plan(one_task(number, 1, {}));
  REQUIRE(scenario.execute().exit == 0);
  std::vector<int> order;
  for (const Attempt& attempt : scenario.attempts("executor"))
    order.push_back(attempt.plan);
  CHECK(order == std::vector<int>{1, 2, 7, 10});
}

TEST_CASE("tasks of a plan run one after another, each attempt in a process of its own") {
  Scenario scenario;
  scenario.plan(1, {"ok", "ok", "ok"});
  REQUIRE(scenario.execute().exit == 0);
  Words order;
  std::set<pid_t> pids;
  std::int64_t last = 0;
  for (const Attempt& attempt : scenario.attempts()) {
    order.push_back(attempt.text());
    pids.insert(attempt.pid);
    CHECK(attempt.began >= last);
    last = attempt.ended;
  }
  CHECK(order == Words{"executor 1/1 execute", "spec-reviewer 1/1 review",
                       "code-reviewer 1/1 review", "executor 1/2 execute",
                       "spec-reviewer 1/2 review", "code-reviewer 1/2 review",
                       "executor 1/3 execute", "spec-reviewer 1/3 review",
                       "code-reviewer 1/3 review", "code-reviewer holistic"});
  CHECK(pids.size() == order.size());
}

TEST_CASE("a prompt goes from what never changes to what is new") {
  Scenario scenario;
  scenario.write(".konductor/prompts/executor-extra.md", "extra-instructions-marker\n");
  scenario.plan(1, {"ok", "ok"});
  Plan second = one_task(2, 2, {1}, "ok");
  second.tasks.push_back(Task{"needs context once"});
  scenario.plan(second).plan(one_task(3, 2, {}, "ok"));
  REQUIRE(scenario.execute().exit == 0);
  const std::string prompt = scenario.prompt("executor-2-2-2");
  const auto role = place_of(prompt, "extra-instructions-marker");
  const auto project = place_of(prompt, "project-context-marker");
  const auto plan = place_of(prompt, "goal-of-plan-2");
  const auto task = prompt.rfind("action-of-2-2");
  REQUIRE(task != std::string::npos);
  const auto own_summary = place_of(prompt, "summary-of-2-1");
  const auto other_summary = place_of(prompt, "summary-of-1-2");
  const auto news = place_of(prompt, "answer-for-2-2");
  CHECK(role < project);
  CHECK(project < plan);
  CHECK(plan < task);
  CHECK(task < std::min(own_summary, other_summary));
  CHECK(std::max(own_summary, other_summary) < news);
  CHECK_THAT(scenario.prompt("executor-3-1-1"), !Contains("summary-of-1-1"));
  // A first attempt's prompt is the beginning of the next one's, for the providers' caches.
  const std::string first = scenario.prompt("executor-2-2-1");
  const auto common = std::mismatch(first.begin(), first.end(), prompt.begin(), prompt.end());
  CHECK(common.first - first.begin() > static_cast<std::ptrdiff_t>(other_summary));
}

TEST_CASE("a plan whose dependency is incomplete is skipped and says which") {
  Scenario scenario;
  scenario.plan(one_task(1, 1, {}, "crash")).plan(one_task(2, 1, {})).plan(one_task(3, 2, {1}));
  scenario.plan(one_task(4, 2, {2}));
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 1);
  const auto skipped = scenario.events("plan_skipped");
  REQUIRE(skipped.size() == 1);
  CHECK(skipped[0]["plan"] == 3);
  CHECK_THAT(skipped[0]["reason"].get<std::string>(), Contains("001"));
  CHECK_THAT(ended.err, Contains("001"));
  CHECK(scenario.attempts("executor", 3).empty());
  CHECK(scenario.has_plan_file("004-summary.md"));
  CHECK_FALSE(scenario.has_plan_file("001-summary.md"));
}

TEST_CASE("nothing of the user's checkout changes while the phase runs") {
  Scenario scenario;
  scenario.plan(1, {"ok", "waits door"});
  const std::string head = scenario.git({"rev-parse", "HEAD"});
  const auto before = scenario.tree();
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  CHECK(scenario.tree() == before);
  CHECK(scenario.git({"rev-parse", "HEAD"}) == head);
  CHECK(scenario.git({"status", "--porcelain", "--", ".", ":!.konductor"}).empty());
  CHECK(scenario.attempts().at(0).cwd != scenario.project().string());
  scenario.open_door("door");
  REQUIRE(engine->wait().exit == 0);
  CHECK(scenario.exists("p1t1.txt"));
}

TEST_CASE("the user's branch is fast-forwarded and never gets the engine's own files") {
  Scenario scenario;
  scenario.plan(1, {"ok"}).plan(2, {"ok"});
  const std::string start = scenario.git({"rev-parse", "HEAD"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.git({"rev-parse", "--abbrev-ref", "HEAD"}) == "main\n");
  CHECK(scenario.git({"rev-parse", "HEAD"}) != start);
  CHECK(scenario.git({"merge-base", "HEAD", start.substr(0, 40)}) == start);
  CHECK_THAT(scenario.git({"ls-tree", "-r", "--name-only", "HEAD"}),
             Contains("p1t1.txt") && Contains("p2t1.txt") && !Contains(".konductor"));
  CHECK(scenario.git({"status", "--porcelain", "--", ".", ":!.konductor"}).empty());
  CHECK_THAT(scenario.git({"log", "--format=%B", "HEAD"}), Contains("Konductor-Task"));
  CHECK_THAT(scenario.git({"fsck", "--no-dangling"}), !Contains("error"));
}

TEST_CASE("a branch that moved meanwhile is left alone and the one command is printed") {
  Scenario scenario;
  scenario.plan(1, {"waits door"});
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  scenario.write("other.txt", "the user goes on working\n");
  scenario.commit_all("the user's own commit");
  const std::string head = scenario.git({"rev-parse", "HEAD"});
  scenario.open_door("door");
  const auto ended = engine->wait();
  REQUIRE(ended.exit == 0);
  CHECK(scenario.git({"rev-parse", "HEAD"}) == head);
  CHECK_FALSE(scenario.exists("p1t1.txt"));
  CHECK_THAT(ended.out + ended.err, Contains("git merge") && Contains("konductor/01/main"));
  CHECK_THAT(scenario.git({"ls-tree", "--name-only", "konductor/01/main"}), Contains("p1t1.txt"));
}

TEST_CASE("a checkout with changes of its own is left alone and the one command is printed") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  scenario.write("README.md", "# Changed and not committed\n");
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  CHECK(scenario.read("README.md") == "# Changed and not committed\n");
  CHECK_FALSE(scenario.exists("p1t1.txt"));
  CHECK_THAT(ended.out + ended.err, Contains("konductor/01/main"));
}

TEST_CASE("without the barrier a plan starts as soon as its dependencies are complete") {
  Scenario scenario;
  scenario.set("execution.schedule", "\"dependencies\"");
  scenario.plan(one_task(1, 1, {})).plan(one_task(2, 1, {}, "waits door"));
  scenario.plan(one_task(3, 2, {1}));
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_while_running([&] { return scenario.has_plan_file("003-summary.md"); }));
  CHECK_FALSE(scenario.has_plan_file("002-summary.md"));
  scenario.open_door("door");
  REQUIRE(engine->wait().exit == 0);
}

TEST_CASE("a plan that is not autonomous waits for a person") {
  Scenario scenario;
  Plan careful = one_task(2, 1, {});
  careful.more = "autonomous = false";
  scenario.plan(one_task(1, 1, {})).plan(careful);
  const auto headless = scenario.execute();
  REQUIRE(headless.exit == 1);
  CHECK(scenario.attempts("executor", 2).empty());
  REQUIRE(scenario.events("plan_skipped").size() == 1);
  CHECK_THAT(headless.err, Contains("--approve"));
  REQUIRE(scenario.execute({"--approve", "01/002"}).exit == 0);
  CHECK(scenario.has_plan_file("002-summary.md"));
  CHECK(scenario.attempts("executor", 1).size() == 1);
}

TEST_CASE("with reviews off passed gates make a task complete, marker and all") {
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.is_task_filed(1, 1));
  CHECK(scenario.has_plan_file("001-summary.md"));
  CHECK(scenario.attempts().size() == 1);
  CHECK_FALSE(scenario.exists(".konductor/phases/01/code-review.md"));
  CHECK(scenario.state("current.step") == "executed");
}

TEST_CASE("the git ignore file is written when missing and never overwritten") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  SECTION("missing") {
    REQUIRE(scenario.execute().exit == 0);
    const std::string text = scenario.read(".konductor/.gitignore");
    CHECK_THAT(text, Contains("konductor.db*") && Contains("runs/") && Contains("worktrees/") &&
                         Contains(".results/"));
  }
  SECTION("there") {
    scenario.write(".konductor/.gitignore", "mine\n");
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.read(".konductor/.gitignore") == "mine\n");
  }
}

TEST_CASE("a phase that is done starts nothing when it is executed again") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  const auto count = scenario.attempts().size();
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts().size() == count);
  CHECK(scenario.state("current.step") == "executed");
}

TEST_CASE("each attempt leaves its prompt, output and exit in the run's folder") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  const fs::path runs = scenario.konductor() / "runs";
  const std::string run = scenario.attempts().at(0).run;
  const fs::path attempt = runs / run / "001-task-1-executor-1";
  CAPTURE(attempt.string());
  CHECK(scenario.read(attempt / "prompt.md") == scenario.prompt("executor-1-1-1"));
  CHECK(scenario.read(attempt / "stdout.log") == "executor-1-1-1 begins\n");
  CHECK(fs::exists(attempt / "stderr.log"));
  CHECK(e2e::json::parse(scenario.read(attempt / "exit.json")).is_object());
  CHECK(fs::exists(runs / run / "holistic-code-reviewer-1" / "prompt.md"));
}

TEST_CASE("a phase is found by its number when its folder has a name") {
  Scenario scenario;
  Plan plan = one_task(1, 1, {});
  scenario.write(".konductor/phases/02-auth/plans/001-login.md", e2e::plan_text(plan, "02"));
  const auto ended = scenario.run({"execute", "02"});
  REQUIRE(ended.exit == 0);
  CHECK(scenario.exists(".konductor/phases/02-auth/plans/001-summary.md"));
  CHECK(scenario.exists("p1t1.txt"));
}

TEST_CASE("a plan whose artifact is missing does not complete") {
  Scenario scenario;
  Plan plan = one_task(1, 1, {});
  plan.artifacts = {"p1t1.txt", "never-made.txt"};
  scenario.plan(plan);
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 1);
  CHECK(scenario.is_task_filed(1, 1));
  CHECK_FALSE(scenario.has_plan_file("001-summary.md"));
  CHECK_THAT(ended.err, Contains("never-made.txt"));
  CHECK(scenario.state("current.step") == "executing");
}
