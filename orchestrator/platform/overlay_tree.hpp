// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "platform/overlay_mount.hpp"

namespace konductor::platform::git {

// The files of one work tree as an overlay: a checkout that others are laid over too, and a place
// beside the tree that holds what is different in it. Where the overlay is not mounted (it never is
// for processes outside of the engine's namespace, or after the engine's end), the tree's directory
// holds nothing but a note: then the tree is bare, and its files are not gone. Every step may be
// cut off by a kill and done again.
class OverlayTree {
 public:
  // `directory` is the tree's.
  explicit OverlayTree(std::filesystem::path directory);

  // Whether there is a whole one.
  bool exists() const;
  // It exists, and its files are not in the tree's directory.
  bool is_bare() const;
  // What finish() was told; "" when there is none.
  std::string owner() const;

  // Mounts a new one over the files in `lower`. It does not exist before finish(): a kill leaves
  // what remove() removes.
  Result<void> make(const std::filesystem::path& lower) const;
  Result<void> finish(const std::filesystem::path& lower, const std::string& owner) const;

  // Makes the files of one that exists appear in the tree's directory.
  Result<void> mount() const;
  // Makes them plain files there, which needs no privilege, and removes the rest.
  Result<void> materialise() const;
  // Removes all but the tree's directory.
  Result<void> remove() const;

 private:
  friend Result<void> remove_overlay_leftovers(const std::filesystem::path& parent,
                                               const std::string& phase);
  OverlayParts parts(const std::filesystem::path& lower) const;
  std::filesystem::path lower() const;
  Result<void> mount_over(const std::filesystem::path& lower) const;
  Result<void> unmount() const;
  Result<void> make_point() const;
  Result<void> write_copy() const;
  Result<void> swap_in() const;

  std::filesystem::path directory_;
  std::filesystem::path place_;
};

// Whether a work tree of the phase would have this name.
bool is_tree_name(std::string_view name, const std::string& phase);

// Names of the trees of the phase that have places for overlays in `parent`, finished or not.
std::set<std::string> find_overlays(const std::filesystem::path& parent, const std::string& phase);

// A new directory's name in `parent`, which holds the phase's trees. The files that overlays are to
// lie over go into a directory in it.
std::filesystem::path free_base_directory(const std::filesystem::path& parent,
                                          const std::string& phase);
Result<void> remove_base_directory(const std::filesystem::path& base);

// Removes overlays of the phase that were never finished, and bases that none of them lies over.
Result<void> remove_overlay_leftovers(const std::filesystem::path& parent,
                                      const std::string& phase);

}  // namespace konductor::platform::git
