// SPDX-License-Identifier: MIT
#include "driver/attempt_confinement.hpp"

#include <system_error>

#include "agent/confinement.hpp"
#include "driver/workspace_paths.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

// Other attempts' trees. Where nothing but trees stands, that is all of it, so that those are
// meant too that are still to come; a folder that the project is in, too, holds other things.
std::vector<fs::path> other_trees(const fs::path& tree, const fs::path& root) {
  const fs::path parent = tree.parent_path();
  const fs::path way = root.lexically_relative(parent);
  if (way.empty() || *way.begin() == "..") return {parent};
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator at(parent, error), end; !error && at != end; at.increment(error)) {
    std::error_code none;
    if (at->path() != tree && at->path() != root && fs::is_regular_file(at->path() / ".git", none))
      found.push_back(at->path());
  }
  return found;
}

std::vector<std::string> secret_places(const ProjectLayout& layout, const fs::path& tree,
                                       bool is_in_place) {
  const std::string journal = layout.database().string();
  std::vector<std::string> found = {journal, journal + "-wal", journal + "-shm"};
  if (is_in_place) return found;
  for (const fs::path& path : other_trees(tree, layout.root))
    found.push_back(path.string());
  return found;
}

}  // namespace

Result<std::optional<ports::Confinement>> confinement_for(const RunShared& shared,
                                                          const ConfinedWork& work) {
  const RunFacts& facts = shared.facts;
  if (!facts.sandbox.is_confining()) return std::optional<ports::Confinement>();
  KON_TRY(const std::vector<fs::path> commit,
          shared.ports.workspaces.commit_places(work.workspace));
  const fs::path& directory = work.workspace.directory;
  const fs::path tree = shared.is_in_place() ? directory : tree_top(directory);
  agent::AttemptPlaces places;
  places.project = facts.layout.root.string();
  places.workspace = directory.string();
  places.tree = tree.string();
  places.run_directory = work.directory.string();
  places.lease = work.lease;
  for (const fs::path& path : commit)
    places.commit.push_back(path.string());
  places.secret = secret_places(facts.layout, tree, shared.is_in_place());
  const auto variable = [&work](std::string_view name) {
    return environment_value(work.environment, name);
  };
  const agent::Permissions& may = facts.roles.at(work.role).role.permissions;
  ports::Confinement confinement;
  confinement.bwrap = facts.sandbox.bwrap;
  confinement.writable =
      agent::writable_places(facts.config, work.runtime.settings, may, places, variable);
  confinement.unreadable = agent::unreadable_places(may, places, variable);
  // Its tree stands among those of others.
  if (work.lease && !shared.is_in_place()) confinement.readable.push_back(places.tree);
  // One that cannot be made cannot be written either, which is the attempt's to see.
  for (const std::string& path : confinement.writable)
    if (path.back() == '/') (void)shared.ports.files.make_directories(path);
  return std::optional<ports::Confinement>(std::move(confinement));
}

}  // namespace konductor::driver
