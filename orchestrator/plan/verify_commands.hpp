// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/markdown.hpp"

namespace konductor::plan {

// One thing that the gate on a task's `verify` field tries.
struct VerifyStep {
  enum class Kind {
    command,      // `text` for /bin/sh -c.
    script,       // The content of a fence marked `sh`, for /bin/sh -c.
    file_exists,  // `text` is a path that must exist.
  };
  enum class Expect { success, failure, exit_code };

  Kind kind = Kind::command;
  std::string text;
  Expect expect = Expect::success;
  int exit_code = 0;  // With Expect::exit_code, never 0.
  friend bool operator==(const VerifyStep&, const VerifyStep&) = default;
};

// What a path is in the workspace now.
enum class FileKind {
  missing,     // Nothing is there, or a directory.
  plain,       // A file that cannot be executed.
  executable,  // A file that can.
};
using FileLookup = std::function<FileKind(std::string_view path)>;

// Everything is missing: reads a verify field by its text and the declared files alone.
FileKind no_file(std::string_view path);

// The steps of a `verify` field (its Markdown), in order. A command is a code span at the beginning
// of a clause, with or without "run" before it. A span without blanks is a file that must exist
// instead when it is plain, or when it is declared and not executable. What the clause says of its
// outcome ("fails", "exits 2") decides what is expected.
std::vector<VerifyStep> parse_verify(std::string_view verify_markdown,
                                     const std::vector<std::string>& declared_files,
                                     const FileLookup& lookup = no_file);

// The same for blocks of a larger document; `label`, which may be false, is the "**verify:**"
// inside the first of them.
std::vector<VerifyStep> parse_verify(const std::vector<MarkdownNode>& blocks, MarkdownNode label,
                                     const std::vector<std::string>& declared_files,
                                     const FileLookup& lookup = no_file);

// The words of a shell command or script as far as they can name files: quotes are taken off,
// operators and comments left out, "--config=a.toml" also gives "a.toml", and a quoted text with
// blanks also gives its own words.
std::vector<std::string> words_of_command(std::string_view command);

}  // namespace konductor::plan
