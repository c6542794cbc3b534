// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/slot.hpp"

// Reads TOML documents and single values into the slots of a schema. The one place that knows the
// TOML library.
namespace konductor::config {

// Every mistake of one load, and where each key got its value.
struct ReadReport {
  std::vector<std::string> problems;           // Complete lines, "place: text".
  std::map<std::string, std::string> origins;  // Dotted key or section → place.
  std::set<std::string> rejected;              // Keys whose value was wrong.

  // The place of a key or section, or "" when no source speaks of it.
  [[nodiscard]] std::string origin(const std::string& dotted) const;
};

// A TOML text that parsed.
class TomlDocument {
 public:
  // The error names `path`, line and column.
  static Result<TomlDocument> parse(std::string path, std::string_view text);

  TomlDocument(TomlDocument&&) noexcept;
  TomlDocument& operator=(TomlDocument&&) noexcept;
  ~TomlDocument();

  // The names of the tables below the top-level table `section`.
  [[nodiscard]] std::vector<std::string> tables_below(std::string_view section) const;

  // Writes every value to its slot. Unknown keys and wrong values become problems, in the order of
  // their lines.
  void read(const Schema& schema, ReadReport& report) const;

 private:
  struct Content;
  explicit TomlDocument(std::unique_ptr<Content> content);
  std::unique_ptr<Content> content_;
};

// Writes one value that stands outside a file. Strings, durations, sizes and choices may go without
// quotes, and a single string stands for a list of one. Returns what is wrong with it, or "".
std::string assign_text(const Slot& slot, std::string_view text);

// "; did you mean "x"?", or "" when nothing is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace konductor::config
