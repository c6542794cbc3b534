// SPDX-License-Identifier: MIT
#include "agent/review.hpp"

#include "agent/document.hpp"

namespace konductor::agent {

Result<Review> parse_review(std::string_view text, std::string_view source_role) {
  KON_TRY(const Document document, Document::parse(text));
  KON_TRY(const std::string verdict, document.word("verdict", {"pass", "fail"}));
  Review review;
  review.is_pass = verdict == "pass";
  for (Item& item : document.items("findings")) {
    const auto mark = take_mark(item.text, {"significant", "minor"});
    // "No problems were found." below a passing verdict is not something to fix.
    if (review.is_pass && !mark && !item.is_bullet) continue;
    const bool is_minor = mark.has_value() && *mark == 1;
    review.findings.push_back(engine::Finding{is_minor ? "minor" : "significant",
                                              std::string(source_role), std::move(item.text)});
  }
  review.text = document.text();
  return review;
}

}  // namespace konductor::agent
