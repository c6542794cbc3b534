// SPDX-License-Identifier: MIT
#include "driver/project.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view without_zeros(std::string_view digits) {
  const auto first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? std::string_view("0") : digits.substr(first);
}

std::string_view number_of(std::string_view name) {
  return name.substr(0, name.find('-'));
}

// The phase's short name: its number where it begins with one.
std::string id_of(const std::string& name) {
  const std::string_view number = number_of(name);
  return is_digits(number) ? std::string(number) : name;
}

PhaseLocation location_of(const ProjectLayout& layout, const std::string& name) {
  return {id_of(name), name, layout.phases() / name};
}

Error no_phase(std::string_view text, const std::vector<std::string>& phases) {
  std::string message = "no phase " + quote(text) + " in .konductor/phases";
  if (phases.empty())
    message += ", which is empty; write plans to .konductor/phases/01/plans/";
  else
    message += "; there is " + join(phases, ", ");
  return Error{ErrorCode::invalid_input, std::move(message)};
}

}  // namespace

Result<ProjectLayout> find_project(const fs::path& start) {
  std::error_code error;
  fs::path folder = fs::absolute(start, error).lexically_normal();
  if (!fs::is_directory(folder, error))
    return Error{ErrorCode::invalid_input, quote(start.string()) + " is not a directory"};
  if (!folder.has_filename()) folder = folder.parent_path();
  for (fs::path at = folder;; at = at.parent_path()) {
    const fs::path home = at / ".konductor";
    const fs::file_status status = fs::status(home, error);
    if (fs::is_directory(status)) return ProjectLayout{at};
    if (fs::exists(status))
      return Error{
          ErrorCode::invalid_input,
          quote(home.string()) + " is not a directory; move it away and run `konductor init`"};
    if (at == at.parent_path()) break;
  }
  return Error{ErrorCode::invalid_input,
               "no .konductor directory in " + quote(folder.string()) +
                   " or above it; run `konductor init` in your project first"};
}

std::vector<std::string> list_phases(const ports::FileStore& files, const ProjectLayout& layout) {
  Result<std::vector<std::string>> names = files.list(layout.phases());
  if (!names.has_value()) return {};
  std::vector<std::string> phases;
  for (std::string& name : names.value()) {
    std::error_code error;
    if (name.front() != '.' && fs::is_directory(layout.phases() / name, error))
      phases.push_back(std::move(name));
  }
  return phases;
}

Result<PhaseLocation> find_phase(const ports::FileStore& files, const ProjectLayout& layout,
                                 std::string_view text) {
  const std::vector<std::string> phases = list_phases(files, layout);
  const bool is_plain = !text.empty() && text.find('/') == std::string_view::npos && text[0] != '.';
  if (!is_plain) return no_phase(text, phases);
  std::vector<std::string> matches;
  for (const std::string& name : phases) {
    if (name == text) return location_of(layout, name);
    const bool is_same_number = is_digits(text) && is_digits(number_of(name)) &&
                                without_zeros(number_of(name)) == without_zeros(text);
    if (name.rfind(std::string(text) + "-", 0) == 0 || is_same_number) matches.push_back(name);
  }
  if (matches.size() == 1) return location_of(layout, matches.front());
  if (matches.empty()) return no_phase(text, phases);
  return Error{ErrorCode::invalid_input, "phase " + quote(text) + " could be any of " +
                                             join(matches, ", ") + "; give its whole name"};
}

Result<PhaseLocation> find_default_phase(const ports::FileStore& files, const ProjectLayout& layout,
                                         std::string_view current_phase) {
  if (!current_phase.empty()) {
    Result<PhaseLocation> current = find_phase(files, layout, current_phase);
    if (current.has_value()) return current;
  }
  const std::vector<std::string> phases = list_phases(files, layout);
  if (phases.size() == 1) return location_of(layout, phases.front());
  if (phases.empty()) return no_phase("01", phases);
  return Error{ErrorCode::invalid_input,
               "which phase? there is " + join(phases, ", ") + "; name one"};
}

Result<void> ensure_ignore_file(ports::FileStore& files, const ProjectLayout& layout) {
  const fs::path path = layout.home() / ".gitignore";
  if (files.exists(path)) return {};
  return files.write(path, "konductor.db*\nruns/\nworktrees/\n.results/\n");
}

}  // namespace konductor::driver
