// SPDX-License-Identifier: MIT
#include "agent/research.hpp"

#include "agent/document.hpp"

namespace konductor::agent {

Result<std::string> parse_research(std::string_view text) {
  KON_TRY(const Document document, Document::parse(text));
  std::string answer = document.body_until("context", {});
  if (answer.empty())
    return Error{ErrorCode::invalid_input,
                 "no answer: write what was asked for below one heading \"## Context\""};
  return answer;
}

}  // namespace konductor::agent
