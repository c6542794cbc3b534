// SPDX-License-Identifier: MIT
#include "platform/git_ignore_rules.hpp"

#include <sys/stat.h>

#include <filesystem>

#include "platform/git_handles.hpp"

namespace konductor::platform::git {

namespace fs = std::filesystem;

namespace {

std::string rules_stamp(const fs::path& path) {
  struct stat status {};
  std::string stamp = path.native() + '\n';
  if (::stat(path.c_str(), &status) != 0) return stamp;
  stamp += std::to_string(status.st_dev) + ' ' + std::to_string(status.st_ino) + ' ' +
           std::to_string(status.st_size);
  for (const timespec& time : {status.st_mtim, status.st_ctim})
    stamp += ' ' + std::to_string(time.tv_sec) + '.' + std::to_string(time.tv_nsec);
  return stamp + '\n';
}

std::string take_text(git_buf& buffer) {
  std::string text = buffer.ptr == nullptr ? "" : buffer.ptr;
  git_buf_dispose(&buffer);
  return text;
}

// Empty when the setting is missing.
std::string named_rules(git_repository* repository) {
  git_buf path = GIT_BUF_INIT;
  Config config;
  if (git_repository_config_snapshot(receive(config), repository) < 0 ||
      git_config_get_path(&path, config.get(), "core.excludesfile") < 0)
    git_error_clear();
  return take_text(path);
}

// Where the library looks for the rules of a user who names no file.
fs::path default_rules() {
  git_buf directory = GIT_BUF_INIT;
  if (git_libgit2_opts(GIT_OPT_GET_SEARCH_PATH, GIT_CONFIG_LEVEL_XDG, &directory) < 0)
    git_error_clear();
  return fs::path(take_text(directory)) / "ignore";
}

}  // namespace

std::string stamp_of_ignore_rules(git_repository* repository) {
  const fs::path named = named_rules(repository);
  return rules_stamp(fs::path(git_repository_commondir(repository)) / "info" / "exclude") +
         rules_stamp(named.empty() ? default_rules() : named);
}

}  // namespace konductor::platform::git
