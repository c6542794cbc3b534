// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "cli/output.hpp"
#include "cli/run_progress.hpp"

namespace konductor::cli {

// Of a terminal, in characters.
struct ScreenSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
  friend bool operator==(const ScreenSize&, const ScreenSize&) = default;
};

// One line of a screen. `text` may hold colours; `width` is what it takes without them.
struct ScreenLine {
  std::string text;
  std::size_t width = 0;
  friend bool operator==(const ScreenLine&, const ScreenLine&) = default;
};

// The live view: a header and a line per plan that is under way, all narrower than the screen and
// so few that some of what has scrolled stays to be seen. What there is no room for is counted in a
// last line.
std::vector<ScreenLine> render_progress(const RunProgress& progress, const ScreenSize& size,
                                        std::int64_t now, const Paint& paint);

}  // namespace konductor::cli
