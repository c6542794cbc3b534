// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

namespace konductor::plan {

// A graph as lists of successors; node i is the index i. Edges from a node to itself are ignored.
using SuccessorLists = std::vector<std::vector<std::size_t>>;

struct Components {
  // Nodes that reach each other have the same number.
  std::vector<std::size_t> component_of;
  // Number of nodes in each component; a cycle is a component of two or more.
  std::vector<std::size_t> size_of;
};

// The strongly connected components, in linear time and without recursion.
Components find_components(const SuccessorLists& graph);

// The shortest cycle through `start`, from it and back to it: {1, 2, 1}. Empty when there is none.
std::vector<std::size_t> shortest_cycle(const SuccessorLists& graph, const Components& components,
                                        std::size_t start);

}  // namespace konductor::plan
