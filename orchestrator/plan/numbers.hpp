// SPDX-License-Identifier: MIT
#pragma once

namespace konductor::plan {

// The highest number of a plan, a wave or a task: nine digits, so that it fits an int.
constexpr int kNumberMax = 999'999'999;

}  // namespace konductor::plan
