// SPDX-License-Identifier: MIT
#include "base/redactor.hpp"

#include <algorithm>

#include "base/escaped_text.hpp"

namespace konductor {
namespace {

using std::string_view;
using Fit = ShapeMatch::Fit;
using State = UnescapedUnit::State;

constexpr std::size_t kPatternBytesMax = 4096;  // In a window, however it is escaped.
constexpr std::size_t kBeginning = 3;
constexpr std::size_t kHashes = std::size_t{1} << 16U;

std::uint32_t byte_of(char c) {
  return static_cast<unsigned char>(c);
}

// Of three bytes, the first of them lowest.
std::size_t hash_of(std::uint32_t three_bytes) {
  return (three_bytes * 0x9E3779B1U) >> 16U;
}

// What a JSON string may begin an escape with.
constexpr string_view kEscapes = "\"\\/bfnrtu";

std::string mark_of(string_view name) {
  std::string mark = "[redacted:";
  for (const char c : name)
    mark += (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' '
                ? c
                : '_';
  return mark + "]";
}

string_view without_article(string_view kind) {
  return kind.substr(kind.find(' ') + 1);
}

struct ValueFit {
  Fit fit = Fit::no;
  std::size_t end = 0;
};

// Whether `value` stands at `at`, written into JSON strings `level` times.
ValueFit fit_value(string_view text, std::size_t at, string_view value, int level) {
  std::size_t done = 0;
  while (done < value.size()) {
    const UnescapedUnit unit = read_unescaped(text, at, level);
    if (unit.state == State::ended) return {Fit::maybe, 0};
    if (unit.state == State::none || value.substr(done, unit.size) != unit.text())
      return {Fit::no, 0};
    done += unit.size;
    at = unit.end;
  }
  return {Fit::yes, at};
}

// An object or array of JSON that stands where a value of JSON is wanted, not a string's text.
bool is_json_value(string_view written) {
  return written.size() > 1 && written.find('"') != string_view::npos &&
         ((written.front() == '{' && written.back() == '}') ||
          (written.front() == '[' && written.back() == ']'));
}

}  // namespace

Redactor::Redactor(const std::vector<SecretValue>& secrets) : beginnings_(kHashes / 64) {
  for (const string_view beginning : secret_beginnings())
    add_beginning(beginning);
  for (const SecretValue& secret : secrets) {
    const std::size_t pieces = (secret.value.size() + kPatternBytesMax - 1) / kPatternBytesMax;
    for (std::size_t i = 0; i < pieces; ++i) {
      const std::size_t begin = secret.value.size() * i / pieces;
      const std::size_t end = secret.value.size() * (i + 1) / pieces;
      add_pattern(secret.name, string_view(secret.value).substr(begin, end - begin));
    }
  }
}

void Redactor::Match::shift(std::size_t count) {
  end += count;
  for (TextRange& secret : secrets) {
    secret.begin += count;
    secret.end += count;
  }
}

void Redactor::add_pattern(const std::string& name, string_view value) {
  if (value.size() < kBeginning) return;
  by_first_[static_cast<unsigned char>(value.front())].push_back(patterns_.size());
  patterns_.push_back({mark_of(name), std::string(value)});
  add_beginning(value);
  // With its second or third byte in an escape.
  const std::string first(1, value[0]);
  add_beginning(first + value[1] + "\\");
  for (const char escape : kEscapes)
    add_beginning(first + "\\" + escape);
  // With its first in one: all of them begin with a backslash or the letter u behind the first.
  for (const char escape : kEscapes) {
    if (escape == 'u' || string_view("\"\\/\b\f\n\r\t").find(value[0]) != string_view::npos)
      for (int next = 0; next < 256; ++next)
        add_beginning(std::string("\\") + escape + static_cast<char>(next));
    add_beginning(std::string("\\\\") + escape);
  }
}

void Redactor::add_beginning(string_view three_bytes) {
  const std::size_t hash = hash_of(byte_of(three_bytes[0]) | byte_of(three_bytes[1]) << 8U |
                                   byte_of(three_bytes[2]) << 16U);
  beginnings_[hash / 64] |= std::uint64_t{1} << (hash % 64);
}

// The first place from `at` on where a secret may begin: any of those too near to the end to tell.
std::size_t Redactor::next_candidate(string_view text, std::size_t at) const {
  if (at + kBeginning > text.size()) return std::min(at, text.size());
  const std::uint64_t* const known = beginnings_.data();
  const char* const end = text.data() + text.size();
  const char* next = text.data() + at + kBeginning - 1;
  std::uint32_t bytes = byte_of(next[-2]) << 8U | byte_of(next[-1]) << 16U;
  for (; next != end; ++next) {
    bytes = bytes >> 8U | byte_of(*next) << 16U;
    const std::size_t hash = hash_of(bytes);
    if (((known[hash / 64] >> (hash % 64)) & 1U) != 0) break;
  }
  return static_cast<std::size_t>(next - text.data()) - (kBeginning - 1);
}

Redactor::Match Redactor::match_values(string_view text, std::size_t at, bool is_whole) const {
  Match best;
  for (int level = 0; level <= kEscapeLevelsMax; ++level) {
    const UnescapedUnit first = read_unescaped(text, at, level);
    if (first.state == State::ended && !is_whole && !patterns_.empty()) best.fit = Fit::maybe;
    if (best.fit == Fit::maybe) return best;
    if (first.state != State::some) continue;
    for (const std::size_t index : by_first_[static_cast<unsigned char>(first.bytes[0])]) {
      const Pattern& pattern = patterns_[index];
      const ValueFit found = fit_value(text, at, pattern.value, level);
      if (found.fit == Fit::maybe && !is_whole) return {Fit::maybe, 0, {}, {}};
      if (found.fit != Fit::yes || found.end <= best.end) continue;
      const bool is_quoted = level == 0 && is_json_value(text.substr(at, found.end - at));
      best = {Fit::yes,
              found.end,
              {{at, found.end}},
              is_quoted ? "\"" + pattern.mark + "\"" : pattern.mark};
    }
  }
  return best;
}

// What stands at `at` alone.
Redactor::Match Redactor::match(string_view text, std::size_t at, bool is_whole) const {
  Match best = match_values(text, at, is_whole);
  if (best.fit == Fit::maybe) return best;
  for (const auto find : {match_token, match_private_key, match_authorization}) {
    ShapeMatch found = find(text, at, is_whole);
    if (found.fit == Fit::maybe) return {Fit::maybe, 0, {}, {}};
    if (found.fit == Fit::no || found.end <= best.end) continue;
    best = {Fit::yes, found.end, std::move(found.secrets), mark_of(without_article(found.kind))};
  }
  return best;
}

// With the other secrets that begin within it: behind what it replaces, or between that.
Redactor::Match Redactor::longest_match(string_view text, std::size_t at, bool is_whole) const {
  const bool is_window = text.size() - at > RedactingStream::kWindow;
  const string_view window = is_window ? text.substr(0, at + RedactingStream::kWindow) : text;
  Match found = match(window, at, is_whole || is_window);
  if (found.fit != Fit::yes) return found;
  for (std::size_t next = at + 1; next < found.end; ++next) {
    next = next_candidate(window, next);
    if (next >= found.end) break;
    const Match other = match(window, next, is_whole || is_window);
    if (other.fit == Fit::maybe) return other;
    if (other.fit == Fit::no) continue;
    found.secrets.insert(found.secrets.end(), other.secrets.begin(), other.secrets.end());
    found.end = std::max(found.end, other.end);
  }
  std::stable_sort(found.secrets.begin(), found.secrets.end(),
                   [](const TextRange& a, const TextRange& b) { return a.begin < b.begin; });
  return found;
}

std::string Redactor::redact(string_view text) const {
  std::string out;
  RedactingStream stream(*this);
  stream.feed(text, out);
  stream.finish(out);
  return out;
}

bool Redactor::has_secret(string_view text) const {
  std::string out;
  RedactingStream stream(*this);
  stream.feed(text, out);
  stream.finish(out);
  return stream.has_found();
}

}  // namespace konductor
