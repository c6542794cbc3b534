// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/event.hpp"

namespace konductor::agent {

// One thing that an agent said or did, told for people. Nothing is decided by it: what an attempt
// came to is AgentStream's to say.
struct TranscriptEntry {
  enum class Kind {
    session,      // It began: model and session.
    message,      // Its words.
    thinking,     // The same, not meant for anybody.
    tool_call,    // `tool` with `text` as what it is about, and `input` as it was told.
    tool_result,  // What came of one.
    usage,        // What it used.
    error,        // What went wrong, in its own words.
    note,         // Retries, refused permissions, plans of its own.
    output,       // A line that is no event.
  };
  Kind kind = Kind::output;
  std::string text;
  std::string tool = {};
  std::string input = {};  // JSON; "" when it was not told.
  engine::Usage usage = {};
  bool is_failed = false;  // A tool's result.
  bool is_nested = false;  // Of an agent that the agent started.
  friend bool operator==(const TranscriptEntry&, const TranscriptEntry&) = default;
};

// "tool_call" and so on, as JSON has them.
std::string_view to_string(TranscriptEntry::Kind kind);

// Reads what an agent printed, in pieces of any size, as entries. Any bytes are accepted: what is
// no event of the dialect is an `output` entry, an event without meaning for people is passed over.
class Transcript {
 public:
  using Tell = std::function<void(const TranscriptEntry&)>;
  // A longer line is told of, and left out.
  static constexpr std::size_t kLineBytesMax = std::size_t{16} << 20U;

  // `dialect` as `dialect_of` says it; what "text" prints is looked at, in case it is a known one.
  explicit Transcript(std::string_view dialect);
  Transcript(Transcript&&) noexcept;
  Transcript& operator=(Transcript&&) noexcept;
  ~Transcript();

  void feed(std::string_view bytes, const Tell& tell);
  // After the last byte: tells a line without its end, and what waited for more.
  void finish(const Tell& tell);

 private:
  void on_line(std::string_view line, const Tell& tell);

  std::unique_ptr<class DialectTranscript> dialect_;  // Null while it is not known.
  std::string line_;
  std::uint64_t skipped_bytes_ = 0;  // Of a line that is too long.
};

// What a tool call is about, in one line: the command, the file, the pattern; else its input.
std::string tool_call_text(std::string_view input);

}  // namespace konductor::agent
