// SPDX-License-Identifier: MIT
#include "driver/attempt_findings.hpp"

#include <nlohmann/json.hpp>

#include "agent/stream_event.hpp"
#include "base/text.hpp"

namespace konductor::driver {
namespace {

using agent::text_at;
using nlohmann::json;

constexpr std::string_view kFindingsFile = "found.json";
constexpr std::string_view kKeptBelow = "refs/konductor/";

std::vector<std::string> lines_at(const json& object, const char* key) {
  std::vector<std::string> lines;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return lines;
  for (const json& line : *found)
    if (line.is_string()) lines.push_back(line.get<std::string>());
  return lines;
}

json valid(const std::vector<std::string>& lines) {
  json array = json::array();
  for (const std::string& line : lines)
    array.push_back(to_valid_utf8(line));
  return array;
}

}  // namespace

bool AttemptFindings::is_empty() const {
  return cause.empty() && kept.empty() && changes.empty() && violations.empty() && notes.empty();
}

AttemptFindings read_findings(const ports::FileStore& files, const AttemptPaths& paths) {
  const Result<std::string> text = files.read(paths.directory / kFindingsFile);
  const json object = text ? json::parse(text.value(), nullptr, false) : json();
  AttemptFindings findings;
  if (!object.is_object()) return findings;
  if (text_at(object, "cause") == kEscapedWorkspace) {
    findings.cause = kEscapedWorkspace;
    findings.detail = text_at(object, "detail");
  }
  findings.kept = text_at(object, "kept");
  if (findings.kept.compare(0, kKeptBelow.size(), kKeptBelow) != 0) findings.kept.clear();
  for (const std::string& path : lines_at(object, "added"))
    findings.changes.push_back({ports::ChangeKind::added, path});
  for (const std::string& path : lines_at(object, "changed"))
    findings.changes.push_back({ports::ChangeKind::modified, path});
  findings.violations = lines_at(object, "violations");
  findings.notes = lines_at(object, "notes");
  return findings;
}

Result<void> write_findings(ports::FileStore& files, const Redactor& redactor,
                            const AttemptPaths& paths, const AttemptFindings& findings) {
  if (findings.is_empty()) return {};
  std::vector<std::string> added;
  std::vector<std::string> changed;
  for (const ports::FileChange& change : findings.changes)
    (change.kind == ports::ChangeKind::added ? added : changed).push_back(change.path);
  nlohmann::ordered_json object;
  object["cause"] = findings.cause;
  object["detail"] = to_valid_utf8(findings.detail);
  object["kept"] = findings.kept;
  object["added"] = valid(added);
  object["changed"] = valid(changed);
  object["violations"] = valid(findings.violations);
  object["notes"] = valid(findings.notes);
  return files.write(paths.directory / kFindingsFile, redactor.redact(object.dump(2) + "\n"),
                     ports::Durability::synced);
}

}  // namespace konductor::driver
