// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platform/directory_watch.hpp"
#include "platform/git_handles.hpp"

namespace konductor::platform::git {

// What is known of a work tree's files without looking at them: the tree in the object store that
// they were when they were last looked at, and which of them may differ from it since. Files that
// are ignored do not count as differing. One call at a time.
class KnownFiles {
 public:
  explicit KnownFiles(std::filesystem::path top) : top_(std::move(top)) {}

  using Paths = std::vector<std::string>;

  // Paths (a directory for all that is below it) outside of which the files are those of tree();
  // nothing when that is not known. From then on they are watched, if possible, so that who then
  // looks at all files can say so with set_tree().
  std::optional<Paths> suspects(const DirectoryWatch::Skips& skips);
  // Paths outside of which nothing was ever there that is in no tree; nothing when unknown.
  std::optional<Paths> touched(const DirectoryWatch::Skips& skips);

  // What was known is forgotten when what is ignored may have changed (see stamp_of_ignore_rules).
  void follow_rules(std::string stamp);

  const std::optional<git_oid>& tree() const { return tree_; }

  // The files were looked at, all of them or the suspects, and are `tree`, but for what happened
  // meanwhile; `suspected` are paths that may differ all the same.
  void set_tree(const git_oid& tree, std::set<std::string> suspected);
  // And nothing else is there, not even what is ignored.
  void set_pure() { touched_.emplace(); }
  // These may be in no tree any more, without having been changed.
  void touch(const Paths& paths);

  // An index of all files as it stands in a file that has this stamp; what it holds is that tree.
  // To read it again would cost what all files cost.
  struct WholeIndex {
    Index index;
    git_oid tree{};
    std::string stamp;
  };
  void keep_index(WholeIndex whole) { whole_ = std::move(whole); }
  // Once: whoever takes it changes it. Nothing when the file is another by now.
  std::optional<WholeIndex> take_index(const std::string& stamp);

  // What was found out about files when they were last looked at one by one.
  void keep_seen(Index seen) { seen_ = std::move(seen); }
  // Nothing when this one was not among them. Lives until the next keep_seen().
  const git_index_entry* seen(const std::string& path) const;

  void forget();
  void follow(const std::filesystem::path& top);

 private:
  bool take_changes(const DirectoryWatch::Skips& skips);
  bool note_changes(const DirectoryWatch::Skips& skips);

  std::filesystem::path top_;
  std::unique_ptr<DirectoryWatch> watch_;
  std::optional<git_oid> tree_;
  std::string rules_;
  std::set<std::string> suspects_;
  std::optional<std::set<std::string>> touched_;
  std::optional<WholeIndex> whole_;
  Index seen_;
};

// Those of several work trees, by their directories. May be used from any thread.
class KnownTrees {
 public:
  std::shared_ptr<KnownFiles> at(const std::filesystem::path& directory);
  void move(const std::filesystem::path& from, const std::filesystem::path& to);
  void forget(const std::filesystem::path& directory);

 private:
  std::mutex lock_;
  std::map<std::filesystem::path, std::shared_ptr<KnownFiles>> trees_;
};

}  // namespace konductor::platform::git
