// SPDX-License-Identifier: MIT
#include <algorithm>

#include "base/escaped_text.hpp"
#include "base/redactor.hpp"

namespace konductor {
namespace {

using std::string_view;
using Fit = ShapeMatch::Fit;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

void RedactingStream::feed(string_view piece, std::string& out) {
  text_ += piece;
  advance(false, out);
  drop_told();
}

void RedactingStream::finish(std::string& out) {
  advance(true, out);
  text_.clear();
  told_ = at_ = behind_ = 0;
  is_escape_open_ = false;
}

void RedactingStream::advance(bool is_whole, std::string& out) {
  while (at_ < text_.size()) {
    at_ = redactor_.next_candidate(text_, at_);
    if (at_ == text_.size()) break;
    // A word may begin behind a secret: in what is told, a mark stands before it.
    const std::size_t begin = at_ == behind_ ? at_ : 0;
    const auto seen = string_view(text_).substr(begin);
    Redactor::Match match = redactor_.longest_match(seen, at_ - begin, is_whole);
    match.shift(begin);
    if (match.fit == Fit::maybe) break;
    if (match.fit == Fit::no) {
      ++at_;
      continue;
    }
    // The escape that its last byte may begin has to be there.
    constexpr std::size_t kEscapeMax = 6;
    if (!is_whole && match.end + kEscapeMax > text_.size()) break;
    replace(match, out);
  }
  tell(is_whole ? at_ : escape_begin(at_), out);
}

// A backslash that is left without what it belonged to would break a JSON string.
void RedactingStream::replace(const Redactor::Match& match, std::string& out) {
  has_found_ = true;
  for (const TextRange& secret : match.secrets) {
    if (secret.end <= told_) continue;
    const std::size_t begin = std::max(told_, escape_begin(std::max(secret.begin, told_)));
    tell(begin, out);
    if (secret.begin >= behind_) out += match.mark;
    std::size_t end = begin;
    while (end < secret.end)
      end = text_[end] == '\\' ? end_of_escape(text_, end) : end + 1;
    told_ = behind_ = end;
  }
  at_ = std::max(match.end, told_);
}

void RedactingStream::tell(std::size_t end, std::string& out) {
  if (end <= told_) return;
  out.append(text_, told_, end - told_);
  told_ = end;
}

void RedactingStream::drop_told() {
  if (told_ <= kShapeLookBack) return;
  const std::size_t count = told_ - kShapeLookBack;
  is_escape_open_ = count > behind_ && is_escaped(count);
  text_.erase(0, count);
  told_ -= count;
  at_ -= count;
  behind_ -= std::min(behind_, count);
}

// Whether an odd number of backslashes stands before `at`.
bool RedactingStream::is_escaped(std::size_t at) const {
  std::size_t begin = at;
  while (begin > behind_ && text_[begin - 1] == '\\')
    --begin;
  const bool is_odd = (at - begin) % 2 == 1;
  return begin == 0 && is_escape_open_ ? !is_odd : is_odd;
}

// Where the JSON escape begins that `at` is inside of; `at` itself when it is inside of none.
std::size_t RedactingStream::escape_begin(std::size_t at) const {
  if (at > behind_ && text_[at - 1] == '\\') return is_escaped(at) ? at - 1 : at;
  constexpr std::size_t kDigits = 4;
  std::size_t mark = at;
  while (mark > behind_ && at - mark < kDigits - 1 && is_hex(text_[mark - 1]))
    --mark;
  const bool is_code = mark > behind_ + 1 && text_[mark - 1] == 'u' && text_[mark - 2] == '\\';
  return is_code && is_escaped(mark - 1) ? mark - 2 : at;
}

}  // namespace konductor
