// SPDX-License-Identifier: MIT
#include "platform/git_known_files.hpp"

#include <algorithm>

namespace konductor::platform::git {

namespace fs = std::filesystem;

namespace {

// With more, looking at everything costs no more.
constexpr std::size_t kPathsMax = 2000;

// What is ignored may have changed, or where a repository of its own begins: then one path decides
// over others.
bool decides_over_others(const std::string& path) {
  const fs::path name = fs::path(path).filename();
  return name == ".gitignore" || (name == ".git" && path != ".git");
}

}  // namespace

// False when it is not known what changed; then the watch is a new one.
bool KnownFiles::take_changes(const DirectoryWatch::Skips& skips) {
  if (note_changes(skips)) return true;
  forget();
  watch_ = DirectoryWatch::start(top_, skips);
  return false;
}

bool KnownFiles::note_changes(const DirectoryWatch::Skips& skips) {
  if (watch_ == nullptr) return false;
  const auto changes = watch_->take_changes(skips);
  if (!changes) return false;
  if (std::any_of(changes->begin(), changes->end(), decides_over_others)) return false;
  for (const std::string& path : *changes) {
    if (path == ".git") continue;
    suspects_.insert(path);
    if (touched_) touched_->insert(path);
  }
  if (touched_ && touched_->size() > kPathsMax) touched_.reset();
  return suspects_.size() <= kPathsMax;
}

std::optional<KnownFiles::Paths> KnownFiles::suspects(const DirectoryWatch::Skips& skips) {
  if (!take_changes(skips)) return std::nullopt;
  if (tree_) return Paths(suspects_.begin(), suspects_.end());
  // Who looked before compared with another tree, and may have skipped what counts in this one.
  forget();
  watch_ = DirectoryWatch::start(top_, skips);
  return std::nullopt;
}

std::optional<KnownFiles::Paths> KnownFiles::touched(const DirectoryWatch::Skips& skips) {
  if (!take_changes(skips) || !touched_) return std::nullopt;
  return Paths(touched_->begin(), touched_->end());
}

void KnownFiles::touch(const Paths& paths) {
  if (touched_) touched_->insert(paths.begin(), paths.end());
}

void KnownFiles::set_tree(const git_oid& tree, std::set<std::string> suspected) {
  tree_ = tree;
  suspects_ = std::move(suspected);
}

std::optional<KnownFiles::WholeIndex> KnownFiles::take_index(const std::string& stamp) {
  std::optional<WholeIndex> taken;
  if (whole_ && whole_->stamp == stamp) taken = std::move(whole_);
  whole_.reset();
  return taken;
}

const git_index_entry* KnownFiles::seen(const std::string& path) const {
  return seen_.get() != nullptr ? git_index_get_bypath(seen_.get(), path.c_str(), 0) : nullptr;
}

void KnownFiles::forget() {
  watch_.reset();
  tree_.reset();
  suspects_.clear();
  touched_.reset();
}

void KnownFiles::follow_rules(std::string stamp) {
  if (stamp != rules_) forget();
  rules_ = std::move(stamp);
}

void KnownFiles::follow(const fs::path& top) {
  top_ = top;
  if (watch_ != nullptr) watch_->follow(top);
}

std::shared_ptr<KnownFiles> KnownTrees::at(const fs::path& directory) {
  const std::lock_guard lock(lock_);
  std::shared_ptr<KnownFiles>& found = trees_[directory];
  if (found == nullptr) found = std::make_shared<KnownFiles>(directory);
  return found;
}

void KnownTrees::move(const fs::path& from, const fs::path& to) {
  const std::lock_guard lock(lock_);
  auto moved = trees_.extract(from);
  trees_.erase(to);
  if (moved.empty()) return;
  moved.mapped()->follow(to);
  moved.key() = to;
  trees_.insert(std::move(moved));
}

void KnownTrees::forget(const fs::path& directory) {
  const std::lock_guard lock(lock_);
  trees_.erase(directory);
}

}  // namespace konductor::platform::git
