// SPDX-License-Identifier: MIT
// What a phase's work in git costs beside the git command line: a tree for each plan, a commit for
// each task, a merge, and the tree gone again.
#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "bench.hpp"
#include "measure.hpp"
#include "platform/git_overlays.hpp"
#include "platform/git_workspaces.hpp"

namespace bench {
namespace fs = std::filesystem;
namespace {

constexpr int kFilesInFolder = 50;
constexpr int kChanges = 4;  // Files a task changes.

using Clock = std::chrono::steady_clock;

double since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

void git(const fs::path& directory, Words words) {
  words.insert(words.begin(), {"git", "-c", "user.name=Bench", "-c", "user.email=b@example.org"});
  run_checked(words, directory);
}

fs::path make_repository(const Scratch& scratch, int files) {
  const fs::path root = scratch.fresh();
  git(root, {"init", "-q", "-b", "main"});
  for (int n = 0; n < files; ++n) {
    const std::string folder = "src/part" + std::to_string(n / kFilesInFolder);
    write_file(root / folder / ("file" + std::to_string(n) + ".txt"),
               "file " + std::to_string(n) + "\n" + std::string(400, 'x') + "\n");
  }
  write_file(root / ".gitignore", ".konductor/\ntrees/\n");
  git(root, {"add", "-A"});
  git(root, {"commit", "-q", "-m", "start"});
  git(root, {"config", "user.name", "Bench"});
  git(root, {"config", "user.email", "b@example.org"});
  git(root, {"config", "gc.auto", "0"});
  return root;
}

// Files that no other task of the phase changes.
void edit(const fs::path& tree, int plan, int task) {
  for (int n = 0; n < kChanges; ++n)
    write_file(tree / "src" / ("part" + std::to_string(n)) /
                   ("p" + std::to_string(plan) + "t" + std::to_string(task) + ".txt"),
               "work\n");
}

template <class Value>
Value checked(konductor::Result<Value> result) {
  if (result.has_error()) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<Value>) return std::move(result).value();
}

struct PhaseCost {
  double open = 0;
  double commit = 0;  // And what is checked around an attempt.
  double merge = 0;
  double close = 0;
  [[nodiscard]] double all() const { return open + commit + merge + close; }
};

konductor::platform::WorkspacesOptions options_for(const fs::path& root) {
  konductor::platform::WorkspacesOptions options;
  options.root = root;
  options.run = "bench";
  return options;
}

PhaseCost cost_of_engine(const konductor::platform::WorkspacesOptions& options, int plans,
                         int tasks) {
  konductor::platform::GitWorkspaces workspaces(options);
  checked(workspaces.prepare());
  PhaseCost cost;
  for (int plan = 1; plan <= plans; ++plan) {
    auto began = Clock::now();
    auto workspace = checked(workspaces.open(plan));
    cost.open += since(began);
    for (int task = 1; task <= tasks; ++task) {
      edit(workspace.directory, plan, task);
      began = Clock::now();
      workspace.head = checked(workspaces.snapshot(workspace, {"feat: a task\n"}));
      checked(workspaces.predict_conflicts(plan));
      cost.commit += since(began);
    }
    began = Clock::now();
    if (!checked(workspaces.merge(plan, {"merge\n"})).is_clean)
      throw std::runtime_error("the benchmark's plans conflict");
    cost.merge += since(began);
    began = Clock::now();
    checked(workspaces.close(plan));
    cost.close += since(began);
  }
  const auto began = Clock::now();
  checked(workspaces.release());
  cost.close += since(began);
  return cost;
}

PhaseCost cost_of_git(const fs::path& root, int plans, int tasks) {
  git(root, {"worktree", "add", "-q", "-b", "integration", "trees/integration"});
  const fs::path integration = root / "trees" / "integration";
  PhaseCost cost;
  for (int plan = 1; plan <= plans; ++plan) {
    const std::string name = "plan-" + std::to_string(plan);
    const fs::path tree = root / "trees" / name;
    auto began = Clock::now();
    git(root, {"worktree", "add", "-q", "-b", name, tree.string(), "integration"});
    cost.open += since(began);
    for (int task = 1; task <= tasks; ++task) {
      edit(tree, plan, task);
      began = Clock::now();
      git(tree, {"add", "-A"});
      git(tree, {"commit", "-q", "-m", "feat: a task"});
      cost.commit += since(began);
    }
    began = Clock::now();
    git(integration, {"merge", "-q", "--no-ff", "--no-edit", name});
    cost.merge += since(began);
    began = Clock::now();
    git(root, {"worktree", "remove", "--force", tree.string()});
    cost.close += since(began);
  }
  return cost;
}

void print(const char* name, const PhaseCost& cost, int plans, int tasks, double beside) {
  const double per_plan = 1e3 / plans;
  std::printf("| %s | %d | %.1f | %.2f | %.1f | %.1f | %.1f | %.3f |\n", name, plans,
              cost.open * per_plan, cost.commit * per_plan / tasks, cost.merge * per_plan,
              cost.close * per_plan, cost.all() * per_plan, cost.all() / plans / beside);
}

}  // namespace

void bench_git(int files, int plans, int tasks) {
  const Scratch scratch;
  std::printf("### Git's part of %d tasks, %d files, %d changes a task, ms\n\n", plans * tasks,
              files, kChanges);
  std::printf(
      "| | plans | tree, a plan | commit, a task | merge | tree gone | a plan in all | × git "
      "|\n|---|---|---|---|---|---|---|---|\n");
  const PhaseCost by_git = cost_of_git(make_repository(scratch, files), plans, tasks);
  print("git command line", by_git, plans, tasks, by_git.all() / plans);
  print("konductor", cost_of_engine(options_for(make_repository(scratch, files)), plans, tasks),
        plans, tasks, by_git.all() / plans);
  // From here on this process has mounts of its own.
  auto options = options_for(make_repository(scratch, files));
  const auto entered = konductor::platform::enter_overlays(options);
  options.overlay = entered.has_value();
  if (options.overlay)
    print("konductor, overlays", cost_of_engine(options, plans, tasks), plans, tasks,
          by_git.all() / plans);
  else
    std::printf("\nNo overlays here: %s\n", entered.error().message.c_str());
  std::printf("\n");
}

void bench_review_copies(int files) {
  const Scratch scratch;
  konductor::platform::GitWorkspaces workspaces(options_for(make_repository(scratch, files)));
  checked(workspaces.prepare());
  auto plan = checked(workspaces.open(1));
  int task = 0;
  const auto work = [&] {
    edit(plan.directory, 1, ++task);
    plan.head = checked(workspaces.snapshot(plan, {"work\n"}));
  };
  const auto milliseconds = [](const auto& step) {
    const auto began = Clock::now();
    step();
    return since(began) * 1e3;
  };
  const auto open = [&] {
    static_cast<void>(
        checked(workspaces.open_copy(plan.plan, plan.head, konductor::ports::TreeUse::idle)));
  };
  work();
  const double shared =
      milliseconds([&] { static_cast<void>(checked(workspaces.is_at(plan, plan.head))); });
  const double first = milliseconds(open);
  work();
  const double next = milliseconds(open);
  checked(workspaces.close(1));
  plan = checked(workspaces.open(2));
  const double pooled = milliseconds(open);
  std::printf("| %d | %.1f | %.1f | %.1f | %.1f |\n", files, shared, first, next, pooled);
}

}  // namespace bench
