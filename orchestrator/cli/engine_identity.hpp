// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "driver/role_resolution.hpp"

namespace konductor::cli {

// The machine's name; "localhost" when it has none.
std::string host_name();

// A new run's id, "20260131T120000-1a2b": sorts by time, and two at once still differ.
std::string make_run_id(std::int64_t milliseconds);

// The programs that are installed beside this one.
driver::ShippedPrograms shipped_programs();

}  // namespace konductor::cli
