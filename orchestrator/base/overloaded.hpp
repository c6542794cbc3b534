// SPDX-License-Identifier: MIT
#pragma once

namespace konductor {

// Makes one visitor of several lambdas: std::visit(Overloaded{…}, variant).
template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace konductor
