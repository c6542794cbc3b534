// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string_view>

namespace konductor::cli {

// What makes a shell complete konductor's words by asking the program.
struct CompletionScript {
  std::string_view shell;
  std::string_view path;  // Where it is installed, below the folder for shared data.
  std::string_view text;
};

const std::array<CompletionScript, 3>& completion_scripts();

}  // namespace konductor::cli
