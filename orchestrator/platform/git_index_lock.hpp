// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "platform/unique_fd.hpp"

namespace konductor::platform::git {

// git's lock on the index of a checkout, `index.lock`, held while the engine updates the checkout.
// The lock and a file of the phase's own are one file (a hard link), so that a lock left by a
// killed engine is known from one that another program holds. Only for who holds the phase.
class IndexLock {
 public:
  IndexLock(const std::filesystem::path& git_directory, const std::string& phase);
  IndexLock(const IndexLock&) = delete;
  IndexLock& operator=(const IndexLock&) = delete;
  ~IndexLock() { release(); }

  // Removes what a killed engine of this phase left.
  void clear() const;
  // Takes the lock, with a copy of the index to work on; `already_exists` when another program has
  // it.
  Result<void> take();
  const std::filesystem::path& copy() const { return copy_; }
  // Makes the copy the index, and lets go.
  Result<void> commit();
  // Lets go; the index stays as it was.
  void release();

  const std::filesystem::path& path() const { return lock_; }

 private:
  Result<void> make_lock();
  Result<void> fill();

  std::filesystem::path index_;
  std::filesystem::path lock_;
  std::filesystem::path mark_;
  std::filesystem::path copy_;
  UniqueFd fd_;
};

}  // namespace konductor::platform::git
