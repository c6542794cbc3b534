// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "ports/file_store.hpp"

namespace konductor::driver {

// Where everything of one project lies. Paths are absolute.
struct ProjectLayout {
  std::filesystem::path root;  // The folder that holds `.konductor`.

  std::filesystem::path home() const { return root / ".konductor"; }
  std::filesystem::path config() const { return home() / "config.toml"; }
  std::filesystem::path state() const { return home() / "state.toml"; }
  std::filesystem::path project_text() const { return home() / "project.md"; }
  std::filesystem::path database() const { return home() / "konductor.db"; }
  std::filesystem::path runs() const { return home() / "runs"; }
  std::filesystem::path results() const { return home() / ".results"; }
  std::filesystem::path phases() const { return home() / "phases"; }
  // Beside the journal, not in `runs/`, which people empty while an engine is at work.
  std::filesystem::path lock(std::string_view phase) const {
    return home() / ("konductor.db-" + std::string(phase) + ".lock");
  }
  // What other processes ask of the phase's engine; there while one is at work. Its name is one
  // that projects ignore already.
  std::filesystem::path requests(std::string_view phase) const {
    return home() / ("konductor.db-" + std::string(phase) + ".requests");
  }
  std::filesystem::path run_directory(std::string_view run) const { return runs() / run; }
};

// Looks for `.konductor` in `start` and upwards, as git looks for its folder. Errors
// (`invalid_input`): there is none, or it is not a folder.
Result<ProjectLayout> find_project(const std::filesystem::path& start);

// One phase's folder.
struct PhaseLocation {
  std::string id;              // What the phase is called in addresses, branches, events: "01".
  std::string directory_name;  // "01" or "01-auth-system".
  std::filesystem::path directory;  // Absolute.

  std::filesystem::path plans() const { return directory / "plans"; }
  // As a user at the project's root would type it, for messages.
  std::string plan_path(std::string_view file_name) const {
    return ".konductor/phases/" + directory_name + "/plans/" + std::string(file_name);
  }
};

// The folder `text`, or the only one that starts with `text` and "-"; a number may lack its leading
// zeros. Errors (`invalid_input`) name the phases there are.
Result<PhaseLocation> find_phase(const ports::FileStore& files, const ProjectLayout& layout,
                                 std::string_view text);

// The only phase there is, the one that state.toml is at, or an error that asks for a name.
Result<PhaseLocation> find_default_phase(const ports::FileStore& files, const ProjectLayout& layout,
                                         std::string_view current_phase);

// Names of all phase folders, sorted.
std::vector<std::string> list_phases(const ports::FileStore& files, const ProjectLayout& layout);

// Writes `.konductor/.gitignore` when it is missing.
Result<void> ensure_ignore_file(ports::FileStore& files, const ProjectLayout& layout);

}  // namespace konductor::driver
