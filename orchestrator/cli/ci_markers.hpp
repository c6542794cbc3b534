// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace konductor::cli {

// Whose log the output becomes, and thereby which marks in it mean something.
enum class CiSystem { none, github, gitlab };

CiSystem ci_system(const std::vector<std::string>& environment);

// CI=true, or whatever else says that nobody sits there.
bool is_ci_environment(const std::vector<std::string>& environment);

// A part of the log that can be folded. Its lines stand together: parts do not lie in each other.
struct LogGroup {
  std::string name;  // Unique in the log: letters, digits, "_".
  std::string title;
  std::int64_t began = 0;  // Seconds since 1970.
  std::int64_t ended = 0;
  std::vector<std::string> lines;
  bool is_folded = true;  // At first, where the system can do otherwise.
};

std::string group_text(CiSystem system, const LogGroup& group);

// A place in a file of the repository; line 0: the file as a whole, path "": no place.
struct AnnotationPlace {
  std::string path;
  int line = 0;
  int column = 0;
};

enum class AnnotationLevel { error, warning };

// A line that the system shows where the code is looked at; "" where it has none.
std::string annotation_text(CiSystem system, AnnotationLevel level, const AnnotationPlace& place,
                            std::string_view title, std::string_view message);

// A line of others' text in which the system finds no command.
std::string without_commands(CiSystem system, std::string line);

}  // namespace konductor::cli
