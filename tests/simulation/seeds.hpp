// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace konductor::test {

// A stretch of worlds: one for each seed.
struct Seeds {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

// What became of them.
struct SeedsResult {
  std::uint64_t lived = 0;
  std::uint64_t failed_seed = 0;  // The first with a complaint,
  std::string complaint;          // which is this; "" without one.
  std::set<std::string_view> events_seen;
};

// The seeds that are tried each time.
inline constexpr std::uint64_t kFirstSeed = 1;

// Lives through the worlds, up to the first with a complaint.
SeedsResult live_through(Seeds seeds);

// Of the command line: `--seed N`, `--seeds FIRST COUNT` or `--fresh COUNT`; prints what came of
// it. Returns nothing for other command lines.
int run_seeds(int argc, char** argv, bool& is_asked_for);

}  // namespace konductor::test
