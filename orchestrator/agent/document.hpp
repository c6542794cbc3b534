// SPDX-License-Identifier: MIT
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

// The documents that agents hand in: Markdown whose level-2 headings carry the protocol. Written by
// others, so nothing in it is trusted: every function is linear in the text and refuses nothing but
// what it says.
namespace konductor::agent {

enum class LineKind { text, code, fence };

// One line without its line break. `code` is inside a fence, `fence` opens or closes one.
struct DocumentLine {
  std::string_view text;
  LineKind kind = LineKind::text;
};

// `text` line by line, with CommonMark's rules for fences. The views point into `text`.
std::vector<DocumentLine> classify_lines(std::string_view text);

// A level-2 heading and what stands below it, up to the next heading of level 1 or 2.
struct Section {
  std::string name;   // Before the first colon: lower case, single blanks.
  std::string value;  // Behind it, trimmed, as written.
  std::size_t line;   // Of the heading, an index into the document's lines.
  std::size_t end;    // One past its last line.
};

// One entry of a list section.
struct Item {
  std::string text;  // Without its bullet; continuation lines are joined to it.
  std::size_t first_line_size = 0;
  bool is_bullet = false;  // Else it is a line of prose.
};

class Document {
 public:
  // Error `invalid_input` when the text is not UTF-8. A byte order mark, "\r\n" and "\r" are
  // normalised, NUL becomes U+FFFD, and `Review Status` headings, which only the engine may write,
  // are as if they were not there: what stood below one with a value stands below the one before.
  static Result<Document> parse(std::string_view text);

  // How many headings have this name (lower case, single blanks).
  [[nodiscard]] std::size_t count(std::string_view name) const;

  // The value of the one heading `name` when it is one of `words`, exactly. Error `invalid_input`
  // when there is no such heading, more than one, or another word.
  [[nodiscard]] Result<std::string> word(std::string_view name,
                                         std::initializer_list<std::string_view> words) const;

  // What the sections called `name` hold: heading values and bodies, trimmed; "" without any.
  [[nodiscard]] std::string body(std::string_view name) const;

  // As body(), but a section reaches to the next heading that is one of `ends`, so that headings of
  // the writer's own stay in it.
  [[nodiscard]] std::string body_until(std::string_view name,
                                       std::initializer_list<std::string_view> ends) const;

  // The list entries in the sections called `name`. Indented lines and fences continue an entry;
  // blank lines, rules, deeper headings and words such as "none" are no entries.
  [[nodiscard]] std::vector<Item> items(std::string_view name) const;

  // The paths in the sections called `name`, in their order: of each entry the code spans at its
  // start, else the text up to a dash, colon or parenthesis.
  [[nodiscard]] std::vector<std::string> paths(std::string_view name) const;

  // The normalised text, which is what everything else was read from.
  [[nodiscard]] const std::string& text() const { return *text_; }

 private:
  Document() = default;
  void find_sections();
  [[nodiscard]] std::string lines_text(std::size_t begin, std::size_t end) const;

  std::unique_ptr<const std::string> text_;  // What the lines' views point into.
  std::vector<DocumentLine> lines_;
  std::vector<Section> sections_;
};

// Takes a mark such as "[actionable]" off the front of `text`, whatever its case and emphasis.
// Returns the index of the mark in `marks`, or nothing.
std::optional<std::size_t> take_mark(std::string& text,
                                     std::initializer_list<std::string_view> marks);

}  // namespace konductor::agent
