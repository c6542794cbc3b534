// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "agent/agent_stream.hpp"
#include "bench.hpp"
#include "measure.hpp"

namespace bench {
namespace {

using nlohmann::json;

constexpr std::size_t kPieceBytes = std::size_t{256} << 10U;

// What one step of an agent prints: words, a call of a tool with some code in it, what the tool
// answered. `{n}` is the step's number, `{text}` words, `{code}` code, `{out}` output.
struct Dialect {
  const char* name;
  std::vector<std::string> step;
  std::string end;
};

std::vector<Dialect> dialects() {
  const std::string claude_text =
      R"({"type":"assistant","message":{"id":"m{n}","role":"assistant","content":[{"type":"text","text":"{text}"}],"usage":{"input_tokens":1}},"session_id":"s1"})";
  const std::string claude_call =
      R"({"type":"assistant","message":{"id":"m{n}","role":"assistant","content":[{"type":"tool_use","id":"t{n}","name":"Write","input":{"file_path":"a{n}","content":"{code}"}}],"usage":{"input_tokens":1}},"session_id":"s1"})";
  const std::string claude_answer =
      R"({"type":"user","message":{"role":"user","content":[{"tool_use_id":"t{n}","type":"tool_result","content":"{out}"}]},"session_id":"s1"})";
  const std::string claude_end =
      R"({"type":"result","subtype":"success","is_error":false,"result":"done","session_id":"s1"})";
  return {
      {"claude", {claude_text, claude_call, claude_answer}, claude_end},
      {"codex",
       {R"({"type":"item.completed","item":{"id":"item_{n}","type":"agent_message","text":"{text}"}})",
        R"({"type":"item.started","item":{"id":"item_{n}","type":"command_execution","command":"{code}","aggregated_output":"","status":"in_progress"}})",
        R"({"type":"item.completed","item":{"id":"item_{n}","type":"command_execution","command":"{code}","aggregated_output":"{out}","status":"completed"}})"},
       R"({"type":"turn.completed","usage":{"input_tokens":1}})"},
      {"opencode",
       {R"({"type":"step_start","sessionID":"s1","part":{"type":"step-start"}})",
        R"({"type":"text","sessionID":"s1","part":{"type":"text","text":"{text}"}})",
        R"({"type":"tool_use","sessionID":"s1","part":{"type":"tool","tool":"write","state":{"status":"completed","input":{"filePath":"a{n}","content":"{code}"},"output":"{out}"}}})",
        R"({"type":"step_finish","sessionID":"s1","part":{"reason":"tool-calls","tokens":{"input":1,"cache":{"read":1}},"cost":0.1}})"},
       R"({"type":"step_finish","part":{"reason":"stop"}})"},
      {"gemini",
       {R"({"type":"message","role":"assistant","content":"{text}","delta":true})",
        R"({"type":"tool_use","tool_name":"write_file","tool_id":"t{n}","parameters":{"file_path":"a{n}","content":"{code}"}})",
        R"({"type":"tool_result","tool_id":"t{n}","status":"success","output":"{out}"})"},
       R"({"type":"result","status":"success","stats":{"input_tokens":1}})"},
      {"qwen", {claude_text, claude_call, claude_answer}, claude_end},
      {"pi",
       {R"({"type":"turn_start"})",
        R"({"type":"message_update","usage":{"input":1},"assistantMessageEvent":{"type":"text_delta","delta":"{text}"}})",
        R"({"type":"message_end","message":{"role":"assistant","content":[{"type":"text","text":"{text}"},{"type":"toolCall","id":"t{n}","name":"write","arguments":{"path":"a{n}","content":"{code}"}}],"usage":{"input":1,"cost":{"total":0.1}},"stopReason":"toolUse"}})",
        R"({"type":"tool_execution_start","toolCallId":"t{n}","toolName":"write","args":{"path":"a{n}","content":"{code}"}})",
        R"({"type":"tool_execution_end","toolCallId":"t{n}","result":{"content":[{"type":"text","text":"{out}"}]}})"},
       R"({"type":"message_end","message":{"role":"assistant","content":[],"stopReason":"stop"}})"},
  };
}

// Of this process: others may run beside it.
double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void fill(std::string& line, const std::string& name, const std::string& value) {
  for (std::size_t at = line.find(name); at != std::string::npos;
       at = line.find(name, at + value.size()))
    line.replace(at, name.size(), value);
}

std::string repeated(const std::string& piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i)
    text += piece;
  return text;
}

std::string stream_text(const Dialect& dialect, std::size_t bytes) {
  const std::string words = repeated("It reads the file and then changes it. ", 6);
  const std::string code = repeated(R"(  if (a != \"b\") return f(x);\n)", 40);
  const std::string output = repeated(R"(src/a.cpp:10: \"value\" is 12, and is used below\n)", 80);
  std::string text;
  for (int n = 0; text.size() < bytes; ++n)
    for (std::string line : dialect.step) {
      fill(line, "{n}", std::to_string(n));
      fill(line, "{text}", words);
      fill(line, "{code}", code);
      fill(line, "{out}", output);
      text += line + "\n";
    }
  return text + dialect.end + "\n";
}

double read_by_stream(const std::string& dialect, std::string_view text) {
  konductor::config::RuntimeSettings runtime;
  runtime.dialect = dialect;
  const double began = cpu_seconds();
  const auto stream = konductor::agent::make_agent_stream(runtime);
  while (!text.empty()) {
    stream->feed(text.substr(0, kPieceBytes));
    text.remove_prefix(std::min(text.size(), kPieceBytes));
  }
  if (stream->finish().end != konductor::agent::StreamReport::End::success)
    throw std::runtime_error("the stream of " + dialect + " did not end well");
  return cpu_seconds() - began;
}

// A value a line, of which the type is looked at.
double read_by_dom(std::string_view text) {
  const double began = cpu_seconds();
  std::size_t lines = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const json event = json::parse(text.substr(0, end), nullptr, false);
    if (event.is_object() && event.contains("type")) ++lines;
    text.remove_prefix(end + 1);
  }
  if (lines == 0) throw std::runtime_error("there are no events");
  return cpu_seconds() - began;
}

}  // namespace

void bench_streams(std::size_t bytes, int rounds) {
  std::printf("### What agents print, %zu MB, read in pieces of 256 KiB\n\n", bytes / 1'000'000);
  std::printf("| dialect | MB/s | nlohmann DOM, MB/s | × |\n|---|---|---|---|\n");
  for (const Dialect& dialect : dialects()) {
    const std::string text = stream_text(dialect, bytes);
    const std::vector<double> seconds =
        take_turns({{"stream", [&] { return read_by_stream(dialect.name, text); }},
                    {"dom", [&] { return read_by_dom(text); }}},
                   rounds);
    const double megabytes = static_cast<double>(text.size()) / 1e6;
    std::printf("| %s | %.0f | %.0f | %.1f |\n", dialect.name, megabytes / seconds[0],
                megabytes / seconds[1], seconds[1] / seconds[0]);
  }
  std::printf("\n");
}

}  // namespace bench
