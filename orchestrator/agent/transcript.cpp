// SPDX-License-Identifier: MIT
#include "agent/transcript.hpp"

#include <algorithm>
#include <array>

#include "agent/dialect_transcript.hpp"
#include "agent/stream_event.hpp"
#include "base/text.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;
using Kind = TranscriptEntry::Kind;

// Deeper than any known event.
constexpr int kLevels = 24;

std::string compact(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// A command as a string, or as its words.
std::string words_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  std::vector<std::string> words;
  if (value.is_array())
    for (const json& word : value)
      if (word.is_string()) words.push_back(word.get<std::string>());
  return words.empty() ? std::string() : join(words, " ");
}

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::session:
      return "session";
    case Kind::message:
      return "message";
    case Kind::thinking:
      return "thinking";
    case Kind::tool_call:
      return "tool_call";
    case Kind::tool_result:
      return "tool_result";
    case Kind::usage:
      return "usage";
    case Kind::error:
      return "error";
    case Kind::note:
      return "note";
    case Kind::output:
      break;
  }
  return "output";
}

std::string tool_call_text(std::string_view input) {
  const json value = json::parse(input, nullptr, false);
  if (value.is_discarded()) return std::string(input);
  if (!value.is_object()) return value.is_string() ? value.get<std::string>() : compact(value);
  constexpr std::array<const char*, 12> kTelling = {
      "command",       "cmd",     "file_path", "filePath", "absolute_path", "path",
      "notebook_path", "pattern", "query",     "url",      "description",   "prompt"};
  for (const char* key : kTelling) {
    const auto found = value.find(key);
    if (found == value.end()) continue;
    if (std::string words = words_of(*found); !words.empty()) return words;
  }
  return value.empty() ? std::string() : compact(value);
}

Transcript::Transcript(std::string_view dialect) : dialect_(make_dialect_transcript(dialect)) {}
Transcript::Transcript(Transcript&&) noexcept = default;
Transcript& Transcript::operator=(Transcript&&) noexcept = default;
Transcript::~Transcript() = default;

void Transcript::feed(std::string_view bytes, const Tell& tell) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (skipped_bytes_ > 0 || line_.size() + piece.size() > kLineBytesMax) {
      skipped_bytes_ += line_.size() + piece.size();
      line_.clear();
    } else {
      line_.append(piece);
    }
    if (end == std::string_view::npos) return;
    const std::string line = std::exchange(line_, std::string());
    on_line(line, tell);
    bytes.remove_prefix(end + 1);
  }
}

void Transcript::finish(const Tell& tell) {
  if (!line_.empty() || skipped_bytes_ > 0) {
    const std::string line = std::exchange(line_, std::string());
    on_line(line, tell);
  }
  if (dialect_) dialect_->finish(tell);
}

void Transcript::on_line(std::string_view line, const Tell& tell) {
  if (skipped_bytes_ > 0) {
    tell({Kind::note,
          "a line of " + std::to_string(skipped_bytes_) + " bytes is left out here; --raw has it"});
    skipped_bytes_ = 0;
    return;
  }
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  const std::size_t begin = line.find_first_not_of(" \t");
  if (begin != std::string_view::npos && line[begin] == '{') {
    const json event = parse_stream_event(line, kLevels);
    if (!dialect_) dialect_ = make_dialect_transcript(dialect_of_event(event));
    if (dialect_ && !event.empty() && dialect_->on_event(event, tell)) return;
  }
  if (dialect_ && begin == std::string_view::npos) return;
  tell({Kind::output, std::string(line)});
}

}  // namespace konductor::agent
