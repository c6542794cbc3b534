// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <mutex>
#include <utility>
#include <vector>

#include "platform/git_handles.hpp"
#include "platform/git_layout.hpp"

namespace konductor::platform::git {

// Repositories that were opened and are not in use: opening one reads all its configuration. An
// open one notices new objects, references and settings by itself.
class OpenRepositories {
 public:
  Result<Repository> take(const std::filesystem::path& git_directory) {
    {
      const std::lock_guard lock(lock_);
      if (!idle_.empty()) {
        Repository repository = std::move(idle_.back());
        idle_.pop_back();
        return repository;
      }
    }
    return open_repository(git_directory);
  }

  void give_back(Repository repository, int generation) {
    const std::lock_guard lock(lock_);
    if (generation == generation_) idle_.push_back(std::move(repository));
  }

  int generation() const {
    const std::lock_guard lock(lock_);
    return generation_;
  }

  // Somebody tampered with what they were opened with: none of them is used again.
  void forget() {
    const std::lock_guard lock(lock_);
    ++generation_;
    idle_.clear();
  }

 private:
  mutable std::mutex lock_;
  std::vector<Repository> idle_;
  int generation_ = 0;
};

// The repository as one call sees it.
struct Session {
  Session(Layout found, OpenRepositories& owner, int opened_in, Repository opened)
      : layout(std::move(found)),
        repository(std::move(opened)),
        owner_(&owner),
        generation_(opened_in) {}
  Session(Session&&) = default;
  Session& operator=(Session&&) = delete;
  ~Session() {
    if (repository.get() != nullptr) owner_->give_back(std::move(repository), generation_);
  }

  Layout layout;
  Repository repository;

  git_repository* get() const { return repository.get(); }

 private:
  OpenRepositories* owner_;
  int generation_;
};

}  // namespace konductor::platform::git
