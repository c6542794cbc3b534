// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "agent/transcript.hpp"
#include "cli/output.hpp"
#include "cli/task_story.hpp"

namespace konductor::cli {

// An entry for people: one mark at the margin, the text's lines below each other, harmless for a
// terminal. What a tool told, and the input of a call, are cut to a few lines unless `is_whole`.
// Ends with a line break.
std::string entry_text(const agent::TranscriptEntry& entry, const Paint& paint, bool is_whole);

// A line of the attempt's standard error.
std::string error_line_text(std::string_view line, const Paint& paint);

nlohmann::ordered_json entry_json(const agent::TranscriptEntry& entry);

// "01/002/3 executor 1 (execute): claude (sonnet), run r1, done after 3.2 s", without a line break.
std::string attempt_heading(const std::string& phase, const AttemptStory& story);

// "1200 in, 50 out, 200 cached, $0.0050"; "" when nothing is known.
std::string usage_words(const engine::Usage& usage);

}  // namespace konductor::cli
