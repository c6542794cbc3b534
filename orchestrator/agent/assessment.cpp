// SPDX-License-Identifier: MIT
#include "agent/assessment.hpp"

#include "agent/document.hpp"

namespace konductor::agent {
namespace {

Error missing(std::string_view decision, std::string_view heading) {
  return Error{ErrorCode::invalid_input, "the decision is \"" + std::string(decision) +
                                             "\", but nothing stands below a heading \"## " +
                                             std::string(heading) + "\": write it there"};
}

}  // namespace

Result<Assessment> parse_assessment(std::string_view text) {
  using Decision = Assessment::Decision;
  KON_TRY(const Document document, Document::parse(text));
  KON_TRY(const std::string word, document.word("decision", {"context", "split", "escalate"}));
  Assessment assessment;
  assessment.text = document.text();
  if (word == "context") {
    assessment.decision = Decision::context;
    assessment.context = document.body_until("context", {"decision", "tasks", "concerns"});
    if (assessment.context.empty()) return missing(word, "Context");
  } else if (word == "split") {
    assessment.decision = Decision::split;
    assessment.tasks_markdown = document.body("tasks");
    if (assessment.tasks_markdown.empty()) return missing(word, "Tasks");
  }
  return assessment;
}

Result<std::vector<Concern>> parse_concern_assessment(std::string_view text) {
  constexpr std::string_view kForm =
      "write each line below \"## Concerns\" as \"- [actionable] text\" or \"- [informational] "
      "text\"";
  KON_TRY(const Document document, Document::parse(text));
  std::vector<Concern> concerns;
  for (const Item& item : document.items("concerns")) {
    concerns.push_back(parse_concern(item.text));
    if (concerns.back().is_actionable) continue;
    return Error{ErrorCode::invalid_input, "a concern without a mark: " + std::string(kForm)};
  }
  if (concerns.empty())
    return Error{ErrorCode::invalid_input, "no concerns are assessed: " + std::string(kForm)};
  return concerns;
}

}  // namespace konductor::agent
