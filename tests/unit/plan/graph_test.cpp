// SPDX-License-Identifier: MIT
#include "plan/graph.hpp"

#include <catch2/catch.hpp>

using namespace konductor::plan;

namespace {

Plan plan(int number, int wave, std::vector<int> depends_on, std::size_t tasks) {
  Plan plan;
  plan.number = number;
  plan.wave = wave;
  plan.title = "Plan " + std::to_string(number);
  plan.depends_on = std::move(depends_on);
  plan.tasks.resize(tasks);
  return plan;
}

using Numbers = std::vector<int>;

const std::vector<Plan> kDiamond = {plan(4, 3, {2, 3}, 2), plan(1, 1, {}, 1), plan(3, 2, {1}, 3),
                                    plan(2, 2, {1}, 1), plan(5, 1, {}, 0)};

}  // namespace

TEST_CASE("waves hold their plans in order") {
  CHECK(PlanGraph(kDiamond).waves() == std::vector<Wave>{{1, {1, 5}}, {2, {2, 3}}, {3, {4}}});
  CHECK(PlanGraph({}).waves().empty());
}

TEST_CASE("dependants are the other way round of dependencies") {
  const PlanGraph graph(kDiamond);
  CHECK(graph.dependencies(4) == Numbers{2, 3});
  CHECK(graph.dependants(1) == Numbers{2, 3});
  CHECK(graph.dependants(4).empty());
  CHECK(graph.dependants(99).empty());
  CHECK(graph.dependencies(99).empty());
}

TEST_CASE("the longest remaining path counts tasks to the end of the phase") {
  const PlanGraph graph(kDiamond);
  CHECK(graph.longest_remaining_path(4) == 2);
  CHECK(graph.longest_remaining_path(2) == 3);
  CHECK(graph.longest_remaining_path(3) == 5);
  CHECK(graph.longest_remaining_path(1) == 6);
  CHECK(graph.longest_remaining_path(5) == 1);
  CHECK(graph.longest_remaining_path(99) == 0);
}

TEST_CASE("unknown dependencies and cycles do not stop the graph") {
  const PlanGraph graph({plan(1, 1, {2, 7, 1}, 1), plan(2, 1, {1}, 1), plan(2, 4, {}, 1)});
  CHECK(graph.dependencies(1) == Numbers{2});
  CHECK(graph.longest_remaining_path(1) >= 1);
  CHECK(graph.waves() == std::vector<Wave>{{1, {1, 2}}});
}

TEST_CASE("the tree shows waves, plans and what they come after") {
  CHECK(graph_tree("01", kDiamond) ==
        "phase 01 (5 plans, 3 waves)\n"
        "├─ wave 1\n"
        "│  ├─ 001 Plan 1 (1 task)\n"
        "│  └─ 005 Plan 5 (0 tasks)\n"
        "├─ wave 2\n"
        "│  ├─ 002 Plan 2 (1 task), after 001\n"
        "│  └─ 003 Plan 3 (3 tasks), after 001\n"
        "└─ wave 3\n"
        "   └─ 004 Plan 4 (2 tasks), after 002, 003\n");
  CHECK(graph_tree("01", {}) == "phase 01 (0 plans, 0 waves)\n");
}

TEST_CASE("the graph is written for Graphviz with its quotes escaped") {
  Plan first = plan(1, 1, {}, 1);
  first.title = "Say \"hi\" \\ bye";
  CHECK(graph_dot("01", {first, plan(2, 2, {1}, 1)}) ==
        "digraph \"phase 01\" {\n"
        "  rankdir=LR;\n"
        "  node [shape=box];\n"
        "  subgraph \"cluster_wave_1\" {\n"
        "    label=\"wave 1\";\n"
        "    p1 [label=\"001\\nSay \\\"hi\\\" \\\\ bye\"];\n"
        "  }\n"
        "  subgraph \"cluster_wave_2\" {\n"
        "    label=\"wave 2\";\n"
        "    p2 [label=\"002\\nPlan 2\"];\n"
        "  }\n"
        "  p1 -> p2;\n"
        "}\n");
}
