// SPDX-License-Identifier: MIT
#include "agent/summary.hpp"

#include <utility>

#include "agent/document.hpp"

namespace konductor::agent {
namespace {

Status parse_status(std::string_view word) {
  for (const Status status : {Status::done_with_concerns, Status::needs_context, Status::blocked})
    if (word == to_string(status)) return status;
  return Status::done;
}

}  // namespace

std::string_view to_string(Status status) {
  switch (status) {
    case Status::done:
      return "DONE";
    case Status::done_with_concerns:
      return "DONE_WITH_CONCERNS";
    case Status::needs_context:
      return "NEEDS_CONTEXT";
    case Status::blocked:
      return "BLOCKED";
  }
  return "BLOCKED";
}

std::string marked_text(const Concern& concern) {
  if (!concern.is_actionable) return concern.text;
  return (*concern.is_actionable ? "[actionable] " : "[informational] ") + concern.text;
}

Concern parse_concern(std::string_view text) {
  Concern concern{std::string(text), std::nullopt};
  const auto mark = take_mark(concern.text, {"actionable", "informational"});
  if (mark) concern.is_actionable = *mark == 0;
  return concern;
}

Result<Summary> parse_summary(std::string_view text) {
  KON_TRY(const Document document, Document::parse(text));
  KON_TRY(const std::string word,
          document.word("status", {"DONE", "DONE_WITH_CONCERNS", "NEEDS_CONTEXT", "BLOCKED"}));
  Summary summary;
  summary.status = parse_status(word);
  for (const Item& item : document.items("concerns")) {
    Concern concern = parse_concern(item.text);
    // A mark alone gives nobody anything to do.
    if (!concern.text.empty()) summary.concerns.push_back(std::move(concern));
  }
  summary.missing_context = document.body("missing context");
  summary.blocker = document.body("blocker");
  summary.files_created = document.paths("files created");
  summary.files_modified = document.paths("files modified");
  summary.files_deleted = document.paths("files deleted");
  summary.files_needed = document.paths("files needed");
  summary.text = document.text();
  return summary;
}

}  // namespace konductor::agent
