// SPDX-License-Identifier: MIT
#include "plan/cycles.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <unordered_map>

namespace konductor::plan {
namespace {

constexpr std::size_t kUnvisited = std::numeric_limits<std::size_t>::max();

// Tarjan's algorithm with a stack of its own, so that a chain of any length fits.
class ComponentFinder {
 public:
  explicit ComponentFinder(const SuccessorLists& graph)
      : graph_(graph), index_(graph.size(), kUnvisited), lowest_(graph.size(), 0) {
    found_.component_of.assign(graph.size(), kUnvisited);
  }

  Components find() {
    for (std::size_t node = 0; node < graph_.size(); ++node)
      if (index_[node] == kUnvisited) visit(node);
    return std::move(found_);
  }

 private:
  struct Frame {
    std::size_t node;
    std::size_t next_edge;
  };

  void enter(std::size_t node) {
    index_[node] = lowest_[node] = next_index_++;
    open_.push_back(node);
    frames_.push_back({node, 0});
  }

  void visit(std::size_t root) {
    enter(root);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      const std::size_t node = frame.node;
      if (frame.next_edge == graph_[node].size()) {
        leave(node);
        continue;
      }
      const std::size_t target = graph_[node][frame.next_edge++];
      if (index_[target] == kUnvisited)
        enter(target);
      else if (found_.component_of[target] == kUnvisited)
        lowest_[node] = std::min(lowest_[node], index_[target]);
    }
  }

  void leave(std::size_t node) {
    frames_.pop_back();
    if (!frames_.empty()) {
      const std::size_t parent = frames_.back().node;
      lowest_[parent] = std::min(lowest_[parent], lowest_[node]);
    }
    if (lowest_[node] != index_[node]) return;
    const std::size_t component = found_.size_of.size();
    found_.size_of.push_back(0);
    for (std::size_t member = kUnvisited; member != node;) {
      member = open_.back();
      open_.pop_back();
      found_.component_of[member] = component;
      ++found_.size_of[component];
    }
  }

  const SuccessorLists& graph_;
  std::vector<std::size_t> index_;
  std::vector<std::size_t> lowest_;
  std::vector<std::size_t> open_;
  std::vector<Frame> frames_;
  std::size_t next_index_ = 0;
  Components found_;
};

}  // namespace

Components find_components(const SuccessorLists& graph) {
  return ComponentFinder(graph).find();
}

std::vector<std::size_t> shortest_cycle(const SuccessorLists& graph, const Components& components,
                                        std::size_t start) {
  std::unordered_map<std::size_t, std::size_t> reached_from;
  std::deque<std::size_t> open = {start};
  while (!open.empty()) {
    const std::size_t node = open.front();
    open.pop_front();
    for (const std::size_t target : graph[node]) {
      const bool is_inside = components.component_of[target] == components.component_of[start];
      if (!is_inside || target == node || !reached_from.emplace(target, node).second) continue;
      if (target != start) {
        open.push_back(target);
        continue;
      }
      std::vector<std::size_t> cycle = {start};
      for (std::size_t at = node; at != start; at = reached_from.at(at))
        cycle.push_back(at);
      cycle.push_back(start);
      std::reverse(cycle.begin(), cycle.end());
      return cycle;
    }
  }
  return {};
}

}  // namespace konductor::plan
