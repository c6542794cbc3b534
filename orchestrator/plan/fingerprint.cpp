// SPDX-License-Identifier: MIT
#include "plan/fingerprint.hpp"

#include "base/text.hpp"

namespace konductor::plan {
namespace {

constexpr char kFieldEnd = '\x1f';
constexpr char kListEnd = '\x1e';

void add_normalized(std::string& into, std::string_view text) {
  bool needs_blank = false;
  bool is_first = true;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      needs_blank = !is_first;
      continue;
    }
    if (needs_blank) into += ' ';
    into += c;
    needs_blank = is_first = false;
  }
  into += kFieldEnd;
}

}  // namespace

std::string task_fingerprint(const Task& task) {
  std::string text;
  add_normalized(text, task.title);
  for (const std::string& file : task.files)
    add_normalized(text, file);
  text += kListEnd;
  add_normalized(text, task.action);
  add_normalized(text, task.verify);
  add_normalized(text, task.done);
  return fingerprint(text);
}

}  // namespace konductor::plan
