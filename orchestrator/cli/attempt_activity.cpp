// SPDX-License-Identifier: MIT
#include "cli/attempt_activity.hpp"

#include "base/text.hpp"
#include "cli/display_text.hpp"

namespace konductor::cli {
namespace {

constexpr std::size_t kLineBytesMax = 2000;

// What stands last in a line that programs write over, as they do with "10 %\r20 %\r".
std::string_view newest_part(std::string_view line) {
  line = trim(line);
  const auto at = line.rfind('\r');
  return at == std::string_view::npos ? line : line.substr(at + 1);
}

// A stream that somebody else understands is nothing for people.
bool is_for_machines(std::string_view line) {
  return line.substr(0, 1) == "{";
}

std::string without_folder(std::string text, const std::string& folder) {
  if (folder.empty()) return text;
  const std::string prefix = folder.back() == '/' ? folder : folder + "/";
  for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at))
    text.erase(at, prefix.size());
  return text;
}

}  // namespace

AttemptActivity::AttemptActivity(std::unique_ptr<agent::AgentStream> stream)
    : stream_(std::move(stream)) {
  if (stream_) stream_->follow_activity();
}

void AttemptActivity::feed(const engine::event::attempt_output& output) {
  if (output.skipped > 0) line_.clear();
  if (!stream_)
    add_lines(output.text);
  else if (output.stream == "stdout")
    stream_->feed(output.text);
}

void AttemptActivity::add_lines(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    line_ += text.substr(0, end);
    if (line_.size() > kLineBytesMax) line_.erase(0, line_.size() - kLineBytesMax);
    const std::string_view newest = newest_part(line_);
    if (!newest.empty() && !is_for_machines(line_)) last_ = newest;
    if (end == std::string_view::npos) return;
    line_.clear();
    text.remove_prefix(end + 1);
  }
}

std::string AttemptActivity::text(const std::string& workspace) const {
  return safe_line(without_folder(stream_ ? stream_->activity() : last_, workspace));
}

engine::Usage AttemptActivity::spent() const {
  return stream_ ? stream_->spent() : engine::Usage();
}

}  // namespace konductor::cli
