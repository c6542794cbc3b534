// SPDX-License-Identifier: MIT
#include "cli/ci_markers.hpp"

#include "base/text.hpp"
#include "driver/attempt_environment.hpp"

namespace konductor::cli {
namespace {

std::string escaped_data(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '%')
      escaped += "%25";
    else if (c == '\r')
      escaped += "%0D";
    else if (c == '\n')
      escaped += "%0A";
    else
      escaped += c;
  }
  return escaped;
}

std::string escaped_property(std::string_view text) {
  std::string escaped;
  for (const char c : escaped_data(text)) {
    if (c == ':')
      escaped += "%3A";
    else if (c == ',')
      escaped += "%2C";
    else
      escaped += c;
  }
  return escaped;
}

std::string properties(const AnnotationPlace& place, std::string_view title) {
  std::vector<std::string> parts;
  if (!place.path.empty()) parts.push_back("file=" + escaped_property(place.path));
  if (!place.path.empty() && place.line > 0) parts.push_back("line=" + std::to_string(place.line));
  if (!place.path.empty() && place.line > 0 && place.column > 0)
    parts.push_back("col=" + std::to_string(place.column));
  if (!title.empty()) parts.push_back("title=" + escaped_property(title));
  return join(parts, ",");
}

std::string section_mark(std::string_view kind, std::int64_t time, const std::string& name,
                         bool is_folded) {
  return "\x1b[0Ksection_" + std::string(kind) + ":" + std::to_string(time) + ":" + name +
         (is_folded ? "[collapsed=true]" : "") + "\r\x1b[0K";
}

}  // namespace

CiSystem ci_system(const std::vector<std::string>& environment) {
  if (driver::environment_value(environment, "GITHUB_ACTIONS") == "true") return CiSystem::github;
  if (driver::environment_value(environment, "GITLAB_CI") == "true") return CiSystem::gitlab;
  return CiSystem::none;
}

bool is_ci_environment(const std::vector<std::string>& environment) {
  const std::string value = to_lower(driver::environment_value(environment, "CI"));
  return !value.empty() && value != "false" && value != "0";
}

std::string without_commands(CiSystem system, std::string line) {
  if (system != CiSystem::github) return line;
  // The older form of a command is found anywhere in a line, the newer one at its beginning.
  for (auto at = line.find("##["); at != std::string::npos; at = line.find("##[", at + 3))
    line.replace(at, 3, "## [");
  const auto first = line.find_first_not_of(" \t");
  if (first != std::string::npos && line.compare(first, 2, "::") == 0) line.insert(first, "> ");
  return line;
}

std::string group_text(CiSystem system, const LogGroup& group) {
  std::string text;
  if (system == CiSystem::github)
    text = "::group::" + escaped_data(group.title) + "\n";
  else if (system == CiSystem::gitlab)
    text = section_mark("start", group.began, group.name, group.is_folded) + group.title + "\n";
  else
    text = group.title + "\n";
  for (const std::string& line : group.lines)
    text += without_commands(system, line) + "\n";
  if (system == CiSystem::github) text += "::endgroup::\n";
  if (system == CiSystem::gitlab)
    text += section_mark("end", group.ended, group.name, false) + "\n";
  return text;
}

std::string annotation_text(CiSystem system, AnnotationLevel level, const AnnotationPlace& place,
                            std::string_view title, std::string_view message) {
  if (system != CiSystem::github) return {};
  const std::string where = properties(place, title);
  return std::string(level == AnnotationLevel::error ? "::error" : "::warning") +
         (where.empty() ? "" : " " + where) + "::" + escaped_data(message) + "\n";
}

}  // namespace konductor::cli
