// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "agent/transcript.hpp"

namespace konductor::agent {

// One dialect's events as entries.
class DialectTranscript {
 public:
  using Tell = Transcript::Tell;
  virtual ~DialectTranscript() = default;
  // False when the line is no event of the dialect.
  virtual bool on_event(const nlohmann::json& event, const Tell& tell) = 0;
  // After the last line.
  virtual void finish(const Tell& /*tell*/) {}
};

std::unique_ptr<DialectTranscript> make_claude_transcript();
std::unique_ptr<DialectTranscript> make_qwen_transcript();
std::unique_ptr<DialectTranscript> make_codex_transcript();
std::unique_ptr<DialectTranscript> make_opencode_transcript();
std::unique_ptr<DialectTranscript> make_gemini_transcript();
std::unique_ptr<DialectTranscript> make_pi_transcript();
std::unique_ptr<DialectTranscript> make_acp_transcript();

// Null for "text" and what nobody knows.
std::unique_ptr<DialectTranscript> make_dialect_transcript(std::string_view dialect);
// The dialect that has such a first event, or "".
std::string_view dialect_of_event(const nlohmann::json& event);

// --- What dialects share ---

// Tells a text unless there is nothing in it.
void tell_text(const DialectTranscript::Tell& tell, TranscriptEntry::Kind kind,
               const std::string& text, bool is_nested = false);
void tell_call(const DialectTranscript::Tell& tell, const std::string& tool,
               const nlohmann::json& input, bool is_nested = false);
void tell_result(const DialectTranscript::Tell& tell, const std::string& text, bool is_failed,
                 bool is_nested = false);
void tell_usage(const DialectTranscript::Tell& tell, const engine::Usage& usage);
// "model claude-sonnet-5, session b782…"
void tell_session(const DialectTranscript::Tell& tell, const std::string& model,
                  const std::string& session);

// The texts of a string, or of a list of blocks that have some, line by line.
std::string text_of_content(const nlohmann::json& content);
// An array's elements, or none.
const nlohmann::json& list_at(const nlohmann::json& object, const char* key);

}  // namespace konductor::agent
