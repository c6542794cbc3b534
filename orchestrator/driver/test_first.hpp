// SPDX-License-Identifier: MIT
#pragma once

#include "driver/run_shared.hpp"

namespace konductor::driver {

// Whether the task's change has to hold a test: every task of a plan of `type = "tdd"` that
// declares files, but the ones behind a task whose verify field expects a failure. That one's tests
// exist and fail, and those behind it are the code for them.
bool owes_test(const RunShared& shared, const TaskAddress& address);

}  // namespace konductor::driver
