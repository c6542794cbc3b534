// SPDX-License-Identifier: MIT
#include "cli/plan_sarif.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace konductor::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Rule {
  std::string_view id;
  std::string_view words;  // Of its messages, outside of what they quote.
  std::string_view about;
};

// The first whose words a message holds. A test holds them to what plans are told.
constexpr std::array<Rule, 33> kRules = {{
    {"bad-toml", "bad TOML", "The frontmatter is TOML."},
    {"no-frontmatter", "no frontmatter", "A plan begins with its frontmatter."},
    {"open-frontmatter", "frontmatter is never closed", "The frontmatter ends with \"+++\"."},
    {"required-field", "required field", "The frontmatter has all required fields."},
    {"unknown-field", "unknown field", "Fields are those that plans and tasks have."},
    {"field-type", " must be ", "A field's value is of its type and in its range."},
    {"empty-path", "holds an empty path", "A path names a file."},
    {"absolute-path", "absolute path", "Paths are relative to the project."},
    {"path-outside", "leaves the repository", "Paths stay in the repository."},
    {"empty-must-haves", "must_haves is empty", "A plan says what is true when it is done."},
    {"empty-field", " is empty", "A field that is written holds something."},
    {"phase-differs", "differs from the directory", "A plan's phase is that of its directory."},
    {"duplicate-plan", "duplicate plan number", "Each plan of a phase has its own number."},
    {"plan-number", "the number of the file", "A plan's number is that of its file."},
    {"self-dependency", "depends on itself", "No plan waits for itself."},
    {"unknown-dependency", "unknown dependency", "Plans wait for plans that there are."},
    {"dependency-cycle", "dependency cycle", "Plans do not wait for each other in a circle."},
    {"wave-order", "is not greater than wave", "A plan's wave is behind those it waits for."},
    {"late-wave", "is larger than needed", "A plan's wave is the first that it fits into."},
    {"shared-file", "of the same wave too", "Plans of one wave declare different files."},
    {"file-too-large", "larger than", "A plan is a page of text."},
    {"not-utf8", "not UTF-8", "A plan is UTF-8 text."},
    {"no-tasks", "has no tasks", "A plan has tasks."},
    {"task-heading", "malformed task heading", "Tasks begin with \"### Task N: title\"."},
    {"stray-task", "stands outside", "Tasks stand below the heading \"## Tasks\"."},
    {"no-tasks-heading", " heading before ", "Tasks stand below the heading \"## Tasks\"."},
    {"duplicate-task", "duplicate task number", "Each task of a plan has its own number."},
    {"task-numbers", "not consecutive", "Tasks are numbered 1, 2, 3 in their order."},
    {"duplicate-field", " twice", "A task has each of its fields once."},
    {"no-action", "has no action", "A task says what to do."},
    {"no-verify-command", "holds no command", "A task's verify field holds a command."},
    {"open-fence", "code fence is never closed", "Code fences are closed."},
    {"unknown-type", "unknown ", "A plan's type is one that there is."},
}};
constexpr Rule kOther = {"plan", "", "A plan can be read and carried out."};

// A person's own words say nothing of the mistake.
std::string without_quotes(std::string_view message) {
  std::string kept;
  bool is_quoted = false;
  for (const char c : message) {
    if (c == '"') is_quoted = !is_quoted;
    if (!is_quoted) kept += c == '"' ? ' ' : c;
  }
  return kept;
}

const Rule& rule_of(const plan::Diagnostic& diagnostic) {
  const std::string text = without_quotes(diagnostic.message);
  for (const Rule& rule : kRules)
    if (text.find(rule.words) != std::string::npos) return rule;
  return kOther;
}

// A path as a relative URI: all but letters, digits and a few marks as "%20".
std::string uri_of(std::string_view path) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~/";
  std::string uri;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (is_word || kPlain.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      uri += '%';
      uri += kDigits[byte >> 4U];
      uri += kDigits[byte & 15U];
    }
  }
  return uri;
}

std::string told(const plan::Diagnostic& diagnostic) {
  const std::string hint = diagnostic.hint.empty() ? "" : "\nhint: " + diagnostic.hint;
  return to_valid_utf8(diagnostic.message + hint);
}

Json location_of(const plan::Diagnostic& diagnostic, std::string_view prefix) {
  return {
      {"physicalLocation",
       {{"artifactLocation",
         {{"uri", uri_of(std::string(prefix) + diagnostic.path)}, {"uriBaseId", "%SRCROOT%"}}},
        {"region",
         {{"startLine", diagnostic.position.line}, {"startColumn", diagnostic.position.column}}}}}};
}

// Those that the results name, in the order of the first.
class UsedRules {
 public:
  std::size_t index_of(const Rule& rule) {
    for (std::size_t n = 0; n < rules_.size(); ++n)
      if (rules_[n] == &rule) return n;
    rules_.push_back(&rule);
    return rules_.size() - 1;
  }

  [[nodiscard]] Json json() const {
    Json rules = Json::array();
    for (const Rule* rule : rules_)
      rules.push_back({{"id", rule->id}, {"shortDescription", {{"text", rule->about}}}});
    return rules;
  }

 private:
  std::vector<const Rule*> rules_;
};

}  // namespace

std::string_view sarif_rule(const plan::Diagnostic& diagnostic) {
  return rule_of(diagnostic).id;
}

Json sarif_log(const std::vector<plan::Diagnostic>& diagnostics, std::string_view prefix) {
  UsedRules rules;
  Json results = Json::array();
  for (const plan::Diagnostic& diagnostic : diagnostics) {
    const Rule& rule = rule_of(diagnostic);
    const bool is_error = diagnostic.severity == plan::Severity::error;
    results.push_back({{"ruleId", rule.id},
                       {"ruleIndex", rules.index_of(rule)},
                       {"level", is_error ? "error" : "warning"},
                       {"message", {{"text", told(diagnostic)}}},
                       {"locations", Json::array({location_of(diagnostic, prefix)})}});
  }
  Json driver = {{"name", "konductor"}, {"version", KONDUCTOR_VERSION}, {"rules", rules.json()}};
  Json run = {{"tool", {{"driver", std::move(driver)}}},
              {"columnKind", "unicodeCodePoints"},
              {"results", std::move(results)}};
  return {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
          {"version", "2.1.0"},
          {"runs", Json::array({std::move(run)})}};
}

}  // namespace konductor::cli
