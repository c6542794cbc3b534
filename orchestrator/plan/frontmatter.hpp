// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.hpp"

namespace konductor::plan {

// A value and the place in the plan file where it stands.
template <class T>
struct Located {
  T value;
  Position position;
  friend bool operator==(const Located&, const Located&) = default;
};

// A plan file cut at its "+++" lines. The views point into the text that was cut.
struct FrontmatterCut {
  enum class Fences { closed, missing, unclosed };
  Fences fences = Fences::missing;
  Position opening;       // Of the opening fence, or of the text that stands in its place.
  std::string_view toml;  // Between the fences.
  int toml_line = 1;      // Number of its first line.
  std::string_view body;  // After the closing fence; all of the text when there is no opening one.
  int body_line = 1;
};

// Finds the frontmatter of `text`, whose lines end in "\n". Blank lines may stand before it, blanks
// around each "+++". A "+++" inside a multi-line TOML string is text, unless the frontmatter would
// then have no end.
FrontmatterCut cut_frontmatter(std::string_view text);

// The typed fields; what was missing or mistyped is absent or empty.
struct Frontmatter {
  bool is_toml = false;  // Otherwise nothing could be read.
  std::optional<Located<std::string>> phase;
  std::optional<Located<int>> number;
  std::optional<Located<int>> wave;
  std::optional<Located<std::string>> title;
  std::vector<Located<int>> depends_on;  // Each plan once.
  PlanType type = PlanType::execute;
  bool autonomous = true;
  std::vector<Located<std::string>> requirements;
  std::vector<Located<std::string>> files_modified;
  std::optional<Position> must_haves;
  std::vector<Located<std::string>> truths;
  std::vector<Located<std::string>> artifacts;
  std::vector<Located<std::string>> key_links;
};

// Reads the fields from TOML whose first line is line `first_line` of the file `path`. Appends an
// error for each fault; bad TOML is one error and leaves all fields absent.
Frontmatter read_frontmatter(std::string_view toml, std::string_view path, int first_line,
                             std::vector<Diagnostic>& diagnostics);

}  // namespace konductor::plan
