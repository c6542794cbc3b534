// SPDX-License-Identifier: MIT
#include "agent/activity.hpp"

#include <array>

#include "agent/json_skim.hpp"
#include "base/text.hpp"

namespace konductor::agent {
namespace {

// What of an input tells a person most, under the names that agents have for it.
constexpr std::array<std::string_view, 14> kTellingMembers = {
    "file_path", "filePath", "absolute_path", "path",     "notebook_path", "command",     "cmd",
    "pattern",   "query",    "url",           "dir_path", "skill",         "description", "prompt"};

constexpr std::array<std::string_view, 6> kShells = {
    "Bash", "bash", "shell", "run_shell_command", "exec", "command_execution"};

bool is_shell(std::string_view tool) {
  for (const std::string_view shell : kShells)
    if (tool == shell) return true;
  return false;
}

// A list of words is a command line.
std::string told_value(std::string_view value) {
  if (value.substr(0, 1) != "[") return decoded_text(value);
  std::string words;
  JsonElements elements(value);
  for (auto word = elements.next(); !word.empty(); word = elements.next())
    words += (words.empty() ? "" : " ") + decoded_text(word);
  return words;
}

// Not too long, and with what orders to a terminal may be in it left whole for who takes them out.
std::string brief(std::string_view line) {
  constexpr std::size_t kBytesMax = 400;
  return to_valid_utf8(trim(line.substr(0, kBytesMax)));
}

std::string subject_of(std::string_view input) {
  if (input.substr(0, 1) == "\"") return decoded_text(input);
  for (const std::string_view member : kTellingMembers) {
    std::string value = told_value(find_member(input, member));
    if (!value.empty()) return value;
  }
  return {};
}

}  // namespace

std::string words_activity(std::string_view text) {
  for (const std::string_view line : split_lines(trim(text.substr(0, 4096))))
    if (!trim(line).empty()) return brief(line);
  return {};
}

std::string call_activity(std::string_view tool, std::string_view input) {
  const std::string subject = words_activity(subject_of(input));
  if (is_shell(tool)) return subject.empty() ? "a command" : "$ " + subject;
  if (subject.empty()) return brief(tool);
  return brief(std::string(tool) + " " + subject);
}

}  // namespace konductor::agent
