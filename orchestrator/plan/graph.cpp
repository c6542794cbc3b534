// SPDX-License-Identifier: MIT
#include "plan/graph.hpp"

#include <algorithm>
#include <map>

#include "base/ids.hpp"
#include "base/text.hpp"

namespace konductor::plan {
namespace {

const std::vector<int> kNobody;

std::unordered_map<int, const Plan*> plans_by_number(const std::vector<Plan>& plans) {
  std::unordered_map<int, const Plan*> by_number;
  for (const Plan& plan : plans)
    by_number.emplace(plan.number, &plan);
  return by_number;
}

std::string count_text(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string number_list(const std::vector<int>& numbers) {
  std::vector<std::string> texts;
  texts.reserve(numbers.size());
  for (const int number : numbers)
    texts.push_back(plan_text(number));
  return join(texts, ", ");
}

// A string of the DOT language; a line break in it is written "\n".
std::string dot_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\n') {
      quoted += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string dot_node(int number) {
  return "p" + std::to_string(number);
}

}  // namespace

PlanGraph::PlanGraph(const std::vector<Plan>& plans) {
  std::map<int, std::vector<int>> waves;
  for (const Plan& plan : plans) {
    const auto [node, is_new] = nodes_.try_emplace(plan.number);
    if (!is_new) continue;
    node->second.weight = std::max(1, static_cast<int>(plan.tasks.size()));
    waves[plan.wave].push_back(plan.number);
  }
  for (const Plan& plan : plans) {
    Node& node = nodes_.at(plan.number);
    for (const int dependency : plan.depends_on) {
      const auto target = nodes_.find(dependency);
      if (target == nodes_.end() || dependency == plan.number) continue;
      node.dependencies.push_back(dependency);
      target->second.dependants.push_back(plan.number);
    }
  }
  for (auto& [number, node] : nodes_) {
    std::sort(node.dependencies.begin(), node.dependencies.end());
    std::sort(node.dependants.begin(), node.dependants.end());
  }
  for (auto& [number, members] : waves) {
    std::sort(members.begin(), members.end());
    waves_.push_back({number, std::move(members)});
  }
  compute_remaining();
}

// From the plans that nobody waits for backwards: each is done when all its dependants are.
void PlanGraph::compute_remaining() {
  std::unordered_map<int, std::size_t> missing;
  std::vector<int> ready;
  for (auto& [number, node] : nodes_) {
    node.remaining = node.weight;
    missing[number] = node.dependants.size();
    if (node.dependants.empty()) ready.push_back(number);
  }
  while (!ready.empty()) {
    const Node& node = nodes_.at(ready.back());
    ready.pop_back();
    for (const int dependency : node.dependencies) {
      Node& earlier = nodes_.at(dependency);
      earlier.remaining = std::max(earlier.remaining, earlier.weight + node.remaining);
      if (--missing[dependency] == 0) ready.push_back(dependency);
    }
  }
}

const std::vector<int>& PlanGraph::dependencies(int plan) const {
  const auto node = nodes_.find(plan);
  return node == nodes_.end() ? kNobody : node->second.dependencies;
}

const std::vector<int>& PlanGraph::dependants(int plan) const {
  const auto node = nodes_.find(plan);
  return node == nodes_.end() ? kNobody : node->second.dependants;
}

int PlanGraph::longest_remaining_path(int plan) const {
  const auto node = nodes_.find(plan);
  return node == nodes_.end() ? 0 : node->second.remaining;
}

std::string graph_tree(std::string_view phase, const std::vector<Plan>& plans) {
  const PlanGraph graph(plans);
  const auto by_number = plans_by_number(plans);
  std::string text = "phase " + std::string(phase) + " (" + count_text(by_number.size(), "plan") +
                     ", " + count_text(graph.waves().size(), "wave") + ")\n";
  for (const Wave& wave : graph.waves()) {
    const bool is_last_wave = &wave == &graph.waves().back();
    text += (is_last_wave ? "└─ wave " : "├─ wave ") + std::to_string(wave.number) + "\n";
    for (const int number : wave.plans) {
      const Plan& plan = *by_number.at(number);
      text += is_last_wave ? "   " : "│  ";
      text += number == wave.plans.back() ? "└─ " : "├─ ";
      text +=
          plan_text(number) + " " + plan.title + " (" + count_text(plan.tasks.size(), "task") + ")";
      if (const auto& before = graph.dependencies(number); !before.empty())
        text += ", after " + number_list(before);
      text += "\n";
    }
  }
  return text;
}

std::string graph_dot(std::string_view phase, const std::vector<Plan>& plans) {
  const PlanGraph graph(plans);
  const auto by_number = plans_by_number(plans);
  std::string text = "digraph " + dot_string("phase " + std::string(phase)) +
                     " {\n  rankdir=LR;\n  node [shape=box];\n";
  for (const Wave& wave : graph.waves()) {
    const std::string number = std::to_string(wave.number);
    text += "  subgraph " + dot_string("cluster_wave_" + number) +
            " {\n    label=" + dot_string("wave " + number) + ";\n";
    for (const int plan : wave.plans)
      text += "    " + dot_node(plan) +
              " [label=" + dot_string(plan_text(plan) + "\n" + by_number.at(plan)->title) + "];\n";
    text += "  }\n";
  }
  for (const Wave& wave : graph.waves())
    for (const int plan : wave.plans)
      for (const int dependant : graph.dependants(plan))
        text += "  " + dot_node(plan) + " -> " + dot_node(dependant) + ";\n";
  return text + "}\n";
}

}  // namespace konductor::plan
