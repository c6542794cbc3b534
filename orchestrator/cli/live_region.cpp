// SPDX-License-Identifier: MIT
#include "cli/live_region.hpp"

#include <algorithm>

namespace konductor::cli {
namespace {

constexpr std::string_view kBeginUpdate = "\x1b[?2026h";
constexpr std::string_view kEndUpdate = "\x1b[?2026l";
constexpr std::string_view kClearToLineEnd = "\x1b[K";
constexpr std::string_view kClearBelow = "\x1b[J";

std::string up(std::size_t rows) {
  return rows == 0 ? std::string() : "\x1b[" + std::to_string(rows) + "A";
}

std::string down(std::size_t rows) {
  return rows == 0 ? std::string() : "\x1b[" + std::to_string(rows) + "B";
}

void write_line(std::string_view line, std::string& text) {
  text += line;
  text += kClearToLineEnd;
  text += "\r\n";
}

}  // namespace

// Terminals that got narrower have wrapped lines that no longer fit.
std::size_t LiveRegion::rows_shown() const {
  if (columns_ >= drawn_columns_ || columns_ == 0) return shown_.size();
  std::size_t rows = 0;
  for (const ScreenLine& line : shown_)
    rows += std::max<std::size_t>(1, (line.width + columns_ - 1) / columns_);
  return rows;
}

// Each line in its place, those that stay the same untouched.
void LiveRegion::change(const std::vector<ScreenLine>& lines, std::string& text) const {
  std::size_t at = 0;  // The row the cursor is in.
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i < shown_.size() && shown_[i] == lines[i]) continue;
    text += down(i - at);
    write_line(lines[i].text, text);
    at = i + 1;
  }
  text += down(lines.size() - at);
  if (lines.size() < shown_.size()) text += kClearBelow;
}

void LiveRegion::write_anew(const std::vector<std::string>& above,
                            const std::vector<ScreenLine>& lines, std::string& text) const {
  text += kClearBelow;
  // They may be longer than the screen is wide, and end wherever they like.
  for (const std::string& line : above)
    text += line + "\r\n";
  for (const ScreenLine& line : lines)
    text += line.text + "\r\n";
}

std::string LiveRegion::frame(const std::vector<std::string>& above,
                              const std::vector<ScreenLine>& lines) {
  const bool is_resized = columns_ != drawn_columns_ && !shown_.empty();
  if (above.empty() && !is_resized && lines == shown_) return {};
  std::string text(kBeginUpdate);
  text += "\r" + up(rows_shown());
  if (above.empty() && !is_resized)
    change(lines, text);
  else
    write_anew(above, lines, text);
  text += kEndUpdate;
  shown_ = lines;
  drawn_columns_ = columns_;
  return text;
}

}  // namespace konductor::cli
