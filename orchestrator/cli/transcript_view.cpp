// SPDX-License-Identifier: MIT
#include "cli/transcript_view.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/printable_text.hpp"
#include "base/text.hpp"

namespace konductor::cli {
namespace {

using Kind = agent::TranscriptEntry::Kind;

constexpr std::size_t kCallBytesMax = 300;
constexpr std::size_t kResultLinesMax = 8;
constexpr std::size_t kResultBytesMax = 2000;

// The text's lines, the first behind the mark, the others below it.
std::string block(std::string_view mark, const std::string& text) {
  std::string all;
  for (const std::string_view line : split_lines(text)) {
    all += all.empty() ? std::string(mark) + " " : std::string("  ");
    all += line;
    all.erase(all.find_last_not_of(" \t") + 1);
    all += '\n';
  }
  return all;
}

// Its first lines, and how many there are more.
std::string beginning(const std::string& text) {
  const std::vector<std::string_view> lines = split_lines(text);
  std::string kept;
  std::size_t count = 0;
  while (count < lines.size() && count < kResultLinesMax && kept.size() < kResultBytesMax) {
    if (count > 0) kept += '\n';
    kept += one_line(lines[count], kResultBytesMax);
    ++count;
  }
  if (count < lines.size()) kept += "\n… " + counted(lines.size() - count, "more line");
  return kept;
}

std::string call_text(const agent::TranscriptEntry& entry, const Paint& paint, bool is_whole) {
  const std::string about =
      is_whole ? printable_text(entry.text) : one_line(printable_text(entry.text), kCallBytesMax);
  std::string text = block(">", paint.bold(one_line(printable_text(entry.tool), 80)) +
                                    (about.empty() ? "" : " " + about));
  if (is_whole && !entry.input.empty() && entry.input != entry.text)
    text += "  " + paint.dim(printable_text(entry.input)) + "\n";
  return text;
}

}  // namespace

std::string entry_text(const agent::TranscriptEntry& entry, const Paint& paint, bool is_whole) {
  const std::string text = printable_text(entry.text);
  const std::string indent = entry.is_nested ? "  " : "";
  switch (entry.kind) {
    case Kind::message:
      return indent + block("*", text);
    case Kind::thinking:
      return indent + block("~", paint.dim(is_whole ? text : beginning(text)));
    case Kind::tool_call:
      return indent + call_text(entry, paint, is_whole);
    case Kind::tool_result: {
      const std::string told = is_whole ? text : beginning(text);
      if (told.empty() && !entry.is_failed) return {};
      return indent +
             block(entry.is_failed ? "<!" : " <",
                   entry.is_failed ? paint.red(told.empty() ? "failed" : told) : paint.dim(told));
    }
    case Kind::error:
      return block("!", paint.red(text));
    case Kind::usage:
      return block("=", paint.dim(usage_words(entry.usage)));
    case Kind::session:
    case Kind::note:
      return block("-", paint.dim(text));
    case Kind::output:
      break;
  }
  return text + "\n";
}

std::string error_line_text(std::string_view line, const Paint& paint) {
  return paint.yellow("stderr") + " " + printable_text(line) + "\n";
}

nlohmann::ordered_json entry_json(const agent::TranscriptEntry& entry) {
  nlohmann::ordered_json json;
  json["kind"] = agent::to_string(entry.kind);
  json["text"] = entry.text;
  if (entry.kind == Kind::tool_call) {
    json["tool"] = entry.tool;
    json["input"] = nlohmann::ordered_json::parse(entry.input, nullptr, false);
    if (json["input"].is_discarded()) json["input"] = nullptr;
  }
  if (entry.kind == Kind::tool_result) json["failed"] = entry.is_failed;
  if (entry.kind == Kind::usage) json["usage"] = usage_json(entry.usage);
  if (entry.is_nested) json["nested"] = true;
  return json;
}

std::string usage_words(const engine::Usage& usage) {
  if (usage == engine::Usage()) return {};
  std::string text = std::to_string(usage.input_tokens) + " in, " +
                     std::to_string(usage.output_tokens) + " out, " +
                     std::to_string(usage.cache_read_tokens) + " cached";
  if (usage.cost_usd > 0) {
    char cost[32];
    std::snprintf(cost, sizeof cost, ", $%.4f", usage.cost_usd);
    text += cost;
  }
  return text;
}

std::string attempt_heading(const std::string& phase, const AttemptStory& story) {
  const engine::event::attempt_finished& end = story.finished;
  std::string text = address_text(phase, story.address) + " " + story.role + " " +
                     std::to_string(story.attempt) + " (" + one_line(story.reason, 40) +
                     "): " + one_line(story.runtime, 80) +
                     (end.model.empty() ? "" : " (" + one_line(end.model, 80) + ")") + ", run " +
                     one_line(story.run, 80) + ", ";
  if (!story.is_finished) return text + "running";
  text += one_line(end.cause, 40) + " after " + duration_text(end.seconds);
  if (!end.detail.empty()) text += ": " + one_line(end.detail, 300);
  return text;
}

}  // namespace konductor::cli
