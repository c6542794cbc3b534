// SPDX-License-Identifier: MIT
#include "agent/document.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace konductor::agent {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kReviewStatus = "review status";
// How much of an agent's words a message repeats.
constexpr std::size_t kQuotedMax = 60;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Every reader sees the same lines and blanks in what comes out: some take a form feed before a
// heading for a blank, others do not.
std::string normalise(std::string_view text) {
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark)
    text.remove_prefix(kByteOrderMark.size());
  std::string out;
  out.reserve(text.size() + 1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\0') {
      out += kReplacement;
    } else if (text[i] == '\r') {
      out += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    } else if (text[i] == '\f' || text[i] == '\v') {
      out += ' ';
    } else {
      out += text[i];
    }
  }
  return out;
}

// Lower case, with single blanks between words.
std::string normalise_name(std::string_view text) {
  std::string name;
  for (const char c : to_lower(trim(text))) {
    if (!is_blank(c))
      name += c;
    else if (!name.empty() && name.back() != ' ')
      name += ' ';
  }
  return name;
}

struct Heading {
  std::size_t level = 0;
  std::string_view text;
};

// An ATX heading: at most `indent_max` blanks, one to six "#", then a blank or the end.
std::optional<Heading> read_heading(std::string_view line, std::size_t indent_max) {
  const auto start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos || start > indent_max) return std::nullopt;
  if (indent_max <= 3 && line.substr(0, start).find('\t') != std::string_view::npos)
    return std::nullopt;
  line.remove_prefix(start);
  const auto level = std::min(line.find_first_not_of('#'), line.size());
  if (level == 0 || level > 6) return std::nullopt;
  line.remove_prefix(level);
  if (!line.empty() && !is_blank(line.front())) return std::nullopt;
  line = trim(line);
  // A closing sequence of "#" is not part of the text.
  const auto last = line.find_last_not_of('#');
  if (last == std::string_view::npos)
    line = {};
  else if (last + 1 < line.size() && is_blank(line[last]))
    line = trim(line.substr(0, last));
  return Heading{level, line};
}

// The run of fence characters at the start of a line, or an empty view.
std::string_view fence_run(std::string_view line) {
  const auto start = line.find_first_not_of(' ');
  if (start == std::string_view::npos || start > 3) return {};
  line.remove_prefix(start);
  const char mark = line.front();
  if (mark != '`' && mark != '~') return {};
  const auto length = std::min(line.find_first_not_of(mark), line.size());
  return length >= 3 ? line.substr(0, length) : std::string_view{};
}

bool opens_fence(std::string_view line, std::string_view run) {
  if (run.empty()) return false;
  const auto behind = static_cast<std::size_t>(run.data() + run.size() - line.data());
  return run.front() != '`' || line.find('`', behind) == std::string_view::npos;
}

bool closes_fence(std::string_view line, std::string_view run, std::string_view open) {
  if (run.empty() || run.front() != open.front() || run.size() < open.size()) return false;
  const auto behind = static_cast<std::size_t>(run.data() + run.size() - line.data());
  return trim(line.substr(behind)).empty();
}

// A heading of any level and indentation that speaks of the review status; a fence does not shelter
// it, because readers other than the engine may look for the bare line.
std::optional<Heading> read_review_status(std::string_view line) {
  const auto heading = read_heading(line, line.size());
  if (!heading) return std::nullopt;
  const std::string name = normalise_name(heading->text);
  if (name.rfind(kReviewStatus, 0) != 0) return std::nullopt;
  const char next = name.size() == kReviewStatus.size() ? ':' : name[kReviewStatus.size()];
  if (next >= 'a' && next <= 'z') return std::nullopt;
  return heading;
}

std::string without_review_status(const std::vector<DocumentLine>& lines) {
  std::string text;
  bool is_dropping = false;  // Below a bare heading, whose value stands in the lines that follow.
  for (const DocumentLine& line : lines) {
    const auto forged = read_review_status(line.text);
    if (forged) {
      is_dropping = line.kind == LineKind::text && normalise_name(forged->text) == kReviewStatus;
      continue;
    }
    if (is_dropping && line.kind == LineKind::text && read_heading(line.text, 3))
      is_dropping = false;
    if (is_dropping) continue;
    text += line.text;
    text += '\n';
  }
  return text;
}

std::string shortened(std::string_view text) {
  if (text.size() <= kQuotedMax) return quote(text);
  std::size_t end = kQuotedMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  return quote(std::string(text.substr(0, end)) + "…");
}

}  // namespace

std::vector<DocumentLine> classify_lines(std::string_view text) {
  std::vector<DocumentLine> lines;
  std::string_view open;
  for (const std::string_view line : split_lines(text)) {
    const std::string_view run = fence_run(line);
    LineKind kind = open.empty() ? LineKind::text : LineKind::code;
    if (open.empty() && opens_fence(line, run)) {
      open = run;
      kind = LineKind::fence;
    } else if (!open.empty() && closes_fence(line, run, open)) {
      open = {};
      kind = LineKind::fence;
    }
    lines.push_back(DocumentLine{line, kind});
  }
  return lines;
}

Result<Document> Document::parse(std::string_view text) {
  if (!is_valid_utf8(text))
    return Error{ErrorCode::invalid_input, "the document is not UTF-8 text: write it as UTF-8"};
  Document document;
  const std::string normalised = normalise(text);
  // What is read is what will be filed, so that it says the same to whoever reads it again.
  document.text_ =
      std::make_unique<const std::string>(without_review_status(classify_lines(normalised)));
  document.lines_ = classify_lines(*document.text_);
  document.find_sections();
  return document;
}

void Document::find_sections() {
  bool is_open = false;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (lines_[i].kind != LineKind::text) continue;
    const auto heading = read_heading(lines_[i].text, 3);
    if (!heading || heading->level > 2) continue;
    if (is_open) sections_.back().end = i;
    is_open = heading->level == 2;
    if (!is_open) continue;
    const auto colon = std::min(heading->text.find(':'), heading->text.size());
    Section section{normalise_name(heading->text.substr(0, colon)), "", i, lines_.size()};
    if (colon < heading->text.size()) section.value = trim(heading->text.substr(colon + 1));
    sections_.push_back(std::move(section));
  }
}

std::size_t Document::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(sections_.begin(), sections_.end(),
                    [&](const Section& section) { return section.name == name; }));
}

Result<std::string> Document::word(std::string_view name,
                                   std::initializer_list<std::string_view> words) const {
  std::string form;
  for (const std::string_view one : words)
    form += (form.empty() ? "" : ", ") + std::string(one);
  std::string title(name);
  title.front() = static_cast<char>(title.front() - 'a' + 'A');
  const std::string wanted = "write one heading \"## " + title + ": …\" with one of " + form;
  const std::size_t found = count(name);
  if (found == 0)
    return Error{ErrorCode::invalid_input, "no \"## " + title + ":\" heading: " + wanted};
  if (found > 1)
    return Error{ErrorCode::invalid_input,
                 std::to_string(found) + " \"## " + title + ":\" headings: " + wanted};
  const auto section =
      std::find_if(sections_.begin(), sections_.end(),
                   [&](const Section& candidate) { return candidate.name == name; });
  if (std::find(words.begin(), words.end(), section->value) == words.end())
    return Error{ErrorCode::invalid_input,
                 "unknown " + std::string(name) + " " + shortened(section->value) + ": " + wanted};
  return section->value;
}

std::string Document::lines_text(std::size_t begin, std::size_t end) const {
  std::string text;
  for (std::size_t i = begin; i < end; ++i) {
    if (read_review_status(lines_[i].text)) continue;
    text += lines_[i].text;
    text += '\n';
  }
  return text;
}

std::string Document::body(std::string_view name) const {
  std::string text;
  for (const Section& section : sections_) {
    if (section.name != name) continue;
    if (!section.value.empty()) text += section.value + "\n";
    text += lines_text(section.line + 1, section.end);
  }
  return std::string(trim(text));
}

std::string Document::body_until(std::string_view name,
                                 std::initializer_list<std::string_view> ends) const {
  std::string text;
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    const Section& start = sections_[i];
    if (start.name != name) continue;
    std::size_t end = lines_.size();
    for (std::size_t next = i + 1; next < sections_.size(); ++next) {
      const std::string& other = sections_[next].name;
      if (other != name && std::find(ends.begin(), ends.end(), other) == ends.end()) continue;
      end = sections_[next].line;
      i = next - 1;
      break;
    }
    if (!start.value.empty()) text += start.value + "\n";
    text += lines_text(start.line + 1, end);
    if (end == lines_.size()) break;
  }
  return std::string(trim(text));
}

}  // namespace konductor::agent
