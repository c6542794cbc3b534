// SPDX-License-Identifier: MIT
#include "cli/plan_sarif.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "plan/rules.hpp"

namespace konductor::cli {
namespace {

using Json = nlohmann::ordered_json;

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
  std::size_t index_of(plan::Rule rule) {
    const auto found = std::find(rules_.begin(), rules_.end(), rule);
    const auto index = static_cast<std::size_t>(found - rules_.begin());
    if (found == rules_.end()) rules_.push_back(rule);
    return index;
  }

  [[nodiscard]] Json json() const {
    Json rules = Json::array();
    for (const plan::Rule rule : rules_) {
      const plan::RuleText& text = plan::text_of(rule);
      rules.push_back({{"id", text.id}, {"shortDescription", {{"text", text.about}}}});
    }
    return rules;
  }

 private:
  std::vector<plan::Rule> rules_;
};

}  // namespace

Json sarif_log(const std::vector<plan::Diagnostic>& diagnostics, std::string_view prefix) {
  UsedRules rules;
  Json results = Json::array();
  for (const plan::Diagnostic& diagnostic : diagnostics) {
    const bool is_error = diagnostic.severity == plan::Severity::error;
    results.push_back({{"ruleId", plan::text_of(diagnostic.rule).id},
                       {"ruleIndex", rules.index_of(diagnostic.rule)},
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
