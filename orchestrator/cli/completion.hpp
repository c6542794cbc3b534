// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_reference.hpp"

namespace konductor::cli {

// A word that may stand where the last one is being typed.
struct Candidate {
  std::string word;
  std::string about;  // One line; may be empty.
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

struct Completion {
  enum class Files { none, files, directories };
  std::vector<Candidate> candidates;  // All begin with what was typed.
  Files files = Files::none;          // Whether the shell's own knowledge is wanted instead.
};

// What only the project and the machine know. Each may look at the disk, so it is asked only when
// it is needed.
struct CompletionSources {
  // Phases by their names.
  std::function<std::vector<Candidate>()> phases;
  // Addresses of plans and of tasks; those of a phase when `typed` begins with its name and "/".
  // Where there are several phases to choose from, their names with "/" behind them.
  std::function<std::vector<Candidate>(std::string_view typed)> plans;
  std::function<std::vector<Candidate>(std::string_view typed)> tasks;
  std::function<std::vector<Candidate>()> runtimes;
  std::function<std::vector<Candidate>()> settings;  // "execution.schedule="
};

// The directory that the words before the last one ask to work in, with -C; "." when none.
std::string completion_directory(const CommandReference& program,
                                 const std::vector<std::string>& words);

// `words` without the program's name; the last one is being typed and may be empty.
Completion complete(const CommandReference& program, const std::vector<std::string>& words,
                    const CompletionSources& sources);

}  // namespace konductor::cli
