// SPDX-License-Identifier: MIT
#include "agent/typed_document.hpp"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <vector>

#include "agent/document.hpp"
#include "agent/shipped_files.hpp"
#include "agent/stream_event.hpp"
#include "base/check.hpp"
#include "base/text.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;

// An object in a list in the object still has its values.
constexpr int kAnswerLevels = 5;

// One line, without blanks around it: the text of a list's entry.
std::string entry_text(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20; }, ' ');
  return std::string(trim(line));
}

// A heading of level 1 or 2.
bool ends_section(std::string_view line) {
  const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
  line.remove_prefix(indent);
  const std::size_t level = std::min(line.find_first_not_of('#'), line.size());
  if (indent > 3 || level < 1 || level > 2) return false;
  return level == line.size() || line[level] == ' ' || line[level] == '\t';
}

// `text` such that it stays within its section: its headings are of level 3 and more, its fences
// closed.
std::string within_section(std::string_view text) {
  std::string all;
  std::string fence;
  for (const DocumentLine& line : classify_lines(text)) {
    if (line.kind == LineKind::fence) {
      const std::string_view run = trim(line.text);
      const std::size_t length = std::min(run.find_first_not_of(run.front()), run.size());
      fence = fence.empty() ? std::string(run.substr(0, length)) : std::string();
    }
    if (line.kind == LineKind::text && ends_section(line.text)) {
      all += "##";
      all += trim(line.text);
    } else {
      all += line.text;
    }
    all += '\n';
  }
  return all + fence;
}

// Several lines of Markdown as the body of a section.
std::string body(std::string_view text) {
  std::string lines;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_break = c == '\r';
    if (is_break && text.substr(i + 1, 1) == "\n") continue;
    const bool is_shown = static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t';
    lines += is_break ? '\n' : is_shown ? c : ' ';
  }
  return std::string(trim(within_section(trim(lines))));
}

// Reads members and keeps the first thing that is wrong with them.
class Members {
 public:
  explicit Members(const json& object, std::string path = {})
      : object_(object), path_(std::move(path)) {}

  std::string text(const char* name) {
    const json* value = find(name);
    if (value == nullptr) return {};
    if (value->is_string()) return value->get<std::string>();
    wrong(name, "a string");
    return {};
  }

  std::string word(const char* name, std::initializer_list<std::string_view> words) {
    const std::string value = text(name);
    if (std::find(words.begin(), words.end(), value) == words.end())
      wrong(name, "one of " + join(std::vector<std::string>(words.begin(), words.end()), ", "));
    return value;
  }

  std::int64_t number(const char* name) {
    const json* value = find(name);
    if (value == nullptr) return 0;
    if (!value->is_number_integer()) wrong(name, "an integer");
    return count_at(object_, name);
  }

  std::vector<std::string> texts(const char* name) {
    std::vector<std::string> found;
    for (const json& value : list(name)) {
      if (!value.is_string())
        wrong(name, "a list of strings");
      else
        found.push_back(value.get<std::string>());
    }
    return found;
  }

  // One call of `take` for each object of the list.
  template <class Take>
  void objects(const char* name, const Take& take) {
    for (const json& value : list(name)) {
      if (!value.is_object()) return wrong(name, "a list of objects");
      Members members(value, path_ + name + ".");
      take(members);
      if (error_.empty()) error_ = members.error_;
    }
  }

  [[nodiscard]] Result<void> check() const {
    if (error_.empty()) return {};
    return Error{ErrorCode::invalid_input, error_};
  }

 private:
  const json* find(const char* name) const {
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  json list(const char* name) {
    const json* value = find(name);
    if (value == nullptr) return json::array();
    if (value->is_array()) return *value;
    wrong(name, "a list");
    return json::array();
  }

  void wrong(const char* name, const std::string& wanted) {
    if (error_.empty()) error_ = "\"" + path_ + name + "\" is not " + wanted;
  }

  const json& object_;
  std::string path_;
  std::string error_;
};

// Writes a document section by section.
class DocumentWriter {
 public:
  explicit DocumentWriter(std::string_view title) { text_ = "# " + std::string(title) + "\n"; }

  void heading(std::string_view name, std::string_view value) {
    text_ += "\n## " + std::string(name) + ": " + std::string(value) + "\n";
  }

  void list(std::string_view name, const std::vector<std::string>& entries) {
    std::string lines;
    for (const std::string& entry : entries)
      lines += "- " + entry + "\n";
    text_ += "\n## " + std::string(name) + "\n\n" + (lines.empty() ? "None.\n" : lines);
  }

  void section(std::string_view name, std::string_view text, std::string_view level = "##") {
    const std::string inside = body(text);
    if (!inside.empty())
      text_ += "\n" + std::string(level) + " " + std::string(name) + "\n\n" + inside + "\n";
  }

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::vector<std::string> lines_of(const std::vector<std::string>& texts) {
  std::vector<std::string> lines;
  for (const std::string& text : texts)
    if (std::string line = entry_text(text); !line.empty()) lines.push_back(std::move(line));
  return lines;
}

// As a code span, which a path with a backtick cannot be.
std::vector<std::string> file_entries(Members& members, const char* name) {
  std::vector<std::string> entries;
  members.objects(name, [&entries](Members& file) {
    std::string path = entry_text(file.text("path"));
    const std::string note = entry_text(file.text("note"));
    path.erase(std::remove(path.begin(), path.end(), '`'), path.end());
    path = trim(path);
    if (!path.empty()) entries.push_back("`" + path + "`" + (note.empty() ? "" : " — " + note));
  });
  return entries;
}

Result<std::string> summary_text(const json& object) {
  Members members(object);
  DocumentWriter writer("Summary");
  writer.heading(
      "Status", members.word("status", {"DONE", "DONE_WITH_CONCERNS", "NEEDS_CONTEXT", "BLOCKED"}));
  writer.list("Files Created", file_entries(members, "files_created"));
  writer.list("Files Modified", file_entries(members, "files_modified"));
  writer.list("Files Deleted", file_entries(members, "files_deleted"));
  writer.list("Tests Added", file_entries(members, "tests_added"));
  writer.section("Test Results", members.text("test_results"), "###");
  writer.list("Deviations", lines_of(members.texts("deviations")));
  writer.list("Decisions", lines_of(members.texts("decisions")));
  std::vector<std::string> concerns;
  members.objects("concerns", [&concerns](Members& concern) {
    const std::string mark = concern.word("mark", {"actionable", "informational"});
    const std::string text = entry_text(concern.text("text"));
    if (!text.empty()) concerns.push_back("[" + mark + "] " + text);
  });
  if (!concerns.empty()) writer.list("Concerns", concerns);
  writer.section("Missing Context", members.text("missing_context"));
  writer.section("Blocker", members.text("blocker"));
  writer.list("Verification", lines_of(members.texts("verification")));
  KON_TRY_VOID(members.check());
  return writer.take();
}

std::string finding_entry(Members& finding) {
  const std::string severity = finding.word("severity", {"significant", "minor"});
  const std::string path = entry_text(finding.text("path"));
  const std::int64_t line = finding.number("line");
  const std::string text = entry_text(finding.text("text"));
  std::string entry = "[" + severity + "] " + path;
  if (!path.empty() && line > 0) entry += ":" + std::to_string(line);
  if (!path.empty() && !text.empty()) entry += " — ";
  return path.empty() && text.empty() ? std::string() : entry + text;
}

Result<std::string> review_text(const json& object) {
  Members members(object);
  DocumentWriter writer("Review");
  writer.heading("Verdict", members.word("verdict", {"pass", "fail"}));
  std::vector<std::string> findings;
  members.objects("findings", [&findings](Members& finding) {
    if (std::string entry = finding_entry(finding); !entry.empty())
      findings.push_back(std::move(entry));
  });
  writer.list("Findings", findings);
  writer.section("Checked", members.text("checked"));
  KON_TRY_VOID(members.check());
  return writer.take();
}

}  // namespace

TypedDocument typed_document(const config::RuntimeSettings& runtime, engine::Action action) {
  const bool offers_schemas =
      runtime.kind == config::RuntimeKind::claude || runtime.kind == config::RuntimeKind::codex;
  if (!offers_schemas || runtime.structured_output == config::StructuredOutput::never)
    return TypedDocument::none;
  if (action == engine::Action::execute) return TypedDocument::summary;
  return engine::is_review(action) ? TypedDocument::review : TypedDocument::none;
}

std::string schema_for_agent(TypedDocument document) {
  if (document == TypedDocument::none) return {};
  const auto text = shipped_schema(document == TypedDocument::summary ? "summary" : "review");
  KON_CHECK(text.has_value());
  nlohmann::ordered_json schema = nlohmann::ordered_json::parse(*text);
  schema.erase("$schema");  // Claude Code knows an older draft only, and refuses others.
  return schema.dump();
}

Result<std::string> markdown_of_answer(TypedDocument document, std::string_view answer) {
  const json object = parse_lenient(answer, kAnswerLevels);
  if (!object.is_object()) return Error{ErrorCode::invalid_input, "it is no object of the schema"};
  return document == TypedDocument::summary ? summary_text(object) : review_text(object);
}

}  // namespace konductor::agent
