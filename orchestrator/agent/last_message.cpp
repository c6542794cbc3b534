// SPDX-License-Identifier: MIT
#include "agent/last_message.hpp"

#include "agent/document.hpp"
#include "base/text.hpp"

namespace konductor::agent {

std::string document_of_message(std::string_view message) {
  const std::string_view text = trim(message);
  const std::vector<DocumentLine> lines = classify_lines(text);
  const bool is_fence = lines.size() > 2 && lines.front().kind == LineKind::fence &&
                        lines.back().kind == LineKind::fence;
  if (!is_fence) return std::string(message);
  std::string inside;
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    if (lines[i].kind != LineKind::code) return std::string(message);
    inside += std::string(lines[i].text) + "\n";
  }
  return inside;
}

}  // namespace konductor::agent
