// SPDX-License-Identifier: MIT
#pragma once

#include <git2.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "platform/git_workspaces.hpp"
#include "support/spawn.hpp"
#include "support/temp_dir.hpp"

namespace konductor::test {

// A real repository in a temporary directory, seen with the git program, with no settings but its
// own. Removed at the end.
class GitProject {
 public:
  enum class Start { with_commit, unborn, without_git };

  explicit GitProject(Start start = Start::with_commit) {
    root = top_ / "project";
    std::filesystem::create_directories(top_ / "home");
    std::filesystem::create_directories(root);
    // Without it every look at the local time writes to memory of the C library's, under a lock
    // that ThreadSanitizer does not see.
    ::setenv("TZ", "UTC", 0);
    git_libgit2_init();
    for (const int level : {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_XDG,
                            GIT_CONFIG_LEVEL_PROGRAMDATA})
      git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, (top_ / "home").c_str());
    if (start == Start::without_git) return;
    git({"init", "-q", "-b", "main"});
    git({"config", "user.name", "Ada"});
    git({"config", "user.email", "ada@example.org"});
    if (start == Start::unborn) return;
    write("README.md", "hello\n");
    write("src/main.c", "int main(void) { return 0; }\n");
    write(".gitignore", "*.log\nbuild/\n");
    commit("first");
  }
  GitProject(const GitProject&) = delete;
  GitProject& operator=(const GitProject&) = delete;
  ~GitProject() { git_libgit2_shutdown(); }

  platform::WorkspacesOptions options() const {
    platform::WorkspacesOptions made;
    made.root = root;
    made.run = "run-1";
    return made;
  }

  // Runs git in the project, which must succeed, and returns what it printed, trimmed at the end.
  std::string git(const std::vector<std::string>& arguments) const {
    return git_in(root, arguments);
  }
  std::string git_in(const std::filesystem::path& directory,
                     const std::vector<std::string>& arguments) const {
    RunResult ended = run(directory, arguments);
    std::string printed = ended.out + ended.err;
    INFO("git " << (arguments.empty() ? "" : arguments.front()) << ": " << printed);
    REQUIRE(ended.exit_code == 0);
    while (!printed.empty() && printed.back() == '\n')
      printed.pop_back();
    return printed;
  }
  bool git_succeeds(const std::vector<std::string>& arguments) const {
    return run(root, arguments).exit_code == 0;
  }

  std::string commit(const std::string& message) const { return commit_in(root, message); }
  std::string commit_in(const std::filesystem::path& directory, const std::string& message) const {
    git_in(directory, {"add", "-A"});
    git_in(directory, {"commit", "-q", "--allow-empty", "-m", message});
    return git_in(directory, {"rev-parse", "HEAD"});
  }

  void write(const std::string& path, const std::string& text) const { put(root / path, text); }
  static void put(const std::filesystem::path& path, const std::string& text) {
    write_file(path, text);
  }
  std::string read(const std::string& path) const { return text_of(root / path); }
  static std::string text_of(const std::filesystem::path& path) { return read_file(path); }

  // What `git fsck` complains about; nothing in a sound repository.
  std::string complaints() const { return git({"fsck", "--strict", "--no-dangling"}); }
  std::string head() const { return git({"rev-parse", "HEAD"}); }
  std::string tip(const std::string& name) const { return git({"rev-parse", "--verify", name}); }
  std::filesystem::path git_directory() const { return root / ".git"; }

  std::filesystem::path root;

 private:
  RunResult run(const std::filesystem::path& directory,
                const std::vector<std::string>& arguments) const {
    std::vector<std::string> words = {"git", "-C", directory.native()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    RunOptions options;
    options.environment = {{"HOME", (top_ / "home").native()},
                           {"GIT_CONFIG_NOSYSTEM", "1"},
                           {"GIT_EDITOR", "true"},
                           {"LC_ALL", "C"}};
    options.unset = {"XDG_CONFIG_HOME"};
    return run_program(words, options);
  }

  TempDir top_;
};

// The value of a Result that must hold one.
template <class T>
T require(Result<T> result) {
  if (!result) FAIL(to_string(result.error().code) << ": " << result.error().message);
  return std::move(result).value();
}
inline void require(const Result<void>& result) {
  if (!result) FAIL(to_string(result.error().code) << ": " << result.error().message);
}

// "A new.txt", "M old.txt", "D gone.txt", "T now-a-link".
inline std::vector<std::string> lines_of(const std::vector<ports::FileChange>& changes) {
  std::vector<std::string> lines;
  for (const ports::FileChange& change : changes) {
    const char* letter = "M";
    if (change.kind == ports::ChangeKind::added) letter = "A";
    if (change.kind == ports::ChangeKind::deleted) letter = "D";
    if (change.kind == ports::ChangeKind::type_changed) letter = "T";
    lines.push_back(letter + (" " + change.path));
  }
  return lines;
}

}  // namespace konductor::test
