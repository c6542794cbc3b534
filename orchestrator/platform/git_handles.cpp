// SPDX-License-Identifier: MIT
#include "platform/git_handles.hpp"

#include <array>
#include <cstdlib>
#include <ctime>

#include "base/check.hpp"
#include "base/text.hpp"

namespace konductor::platform::git {

namespace {

ErrorCode code_of(int code, std::string_view reason) {
  // libgit2 reports what the operating system said as text only.
  for (const char* shortage : {"No space left on device", "Disk quota exceeded",
                               "Read-only file system", "Too many open files"})
    if (reason.find(shortage) != std::string_view::npos) return ErrorCode::environment;
  switch (code) {
    case GIT_ENOTFOUND:
      return ErrorCode::not_found;
    case GIT_EEXISTS:
      return ErrorCode::already_exists;
    case GIT_ECONFLICT:
    case GIT_EMODIFIED:
      return ErrorCode::conflict;
    case GIT_EOWNER:
      return ErrorCode::environment;
    default:
      return ErrorCode::io;
  }
}

std::string setting(git_repository* repository, const char* key) {
  Config config;
  if (git_repository_config_snapshot(receive(config), repository) < 0) return "";
  const char* value = nullptr;
  if (git_config_get_string(&value, config.get(), key) < 0) return "";
  return value;
}

std::string first_of(const char* variable, const char* other, std::string fallback) {
  for (const char* name : {variable, other})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  return fallback;
}

// Of one tree, and of all that is kept of repositories that are open. As git stores them: in memory
// they are three times that, and with each commit there are new ones.
constexpr std::size_t kCachedTreeBytesMax = 256 * 1024;
constexpr ssize_t kCacheBytesMax = 4 * 1024 * 1024;

int start_library() {
  // Signatures hold the local time; the first look at the time zone writes to shared memory.
  ::tzset();
  const int started = git_libgit2_init();
  // Settings of one work tree, as sparse checkouts have them: read by read_worktree_settings().
  const char* extensions[] = {"worktreeconfig"};
  git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, std::size(extensions));
  // A new tree holds what is in another tree, or was just written: no need to look for each of its
  // objects.
  git_libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 0);
  // A tree of more than a hundred entries would be read anew for each path that is looked up in it.
  git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_TREE, kCachedTreeBytesMax);
  git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, kCacheBytesMax);
  return started;
}

}  // namespace

void ensure_library() {
  static const int started = start_library();
  KON_CHECK(started > 0);
}

Error failure(int code, std::string_view what) {
  const git_error* last = git_error_last();
  const std::string reason = last != nullptr && last->message != nullptr ? last->message : "";
  Error error{code_of(code, reason), std::string(what)};
  if (!reason.empty()) error.message += ": " + reason;
  git_error_clear();
  return error;
}

Result<void> check(int code, std::string_view what) {
  if (code < 0) return failure(code, what);
  return {};
}

std::string hex(const git_oid& id) {
  std::string text(GIT_OID_HEXSZ, '0');
  git_oid_fmt(text.data(), &id);
  return text;
}

std::string short_hex(const git_oid& id) {
  return hex(id).substr(0, 12);
}

Result<git_oid> parse_id(std::string_view text) {
  git_oid id{};
  if (text.size() != GIT_OID_HEXSZ || git_oid_fromstrn(&id, text.data(), text.size()) < 0)
    return Error{ErrorCode::not_found, quote(text) + " is not a commit"};
  return id;
}

void read_worktree_settings(git_repository* repository) {
  const std::filesystem::path file =
      std::filesystem::path(git_repository_path(repository)) / "config.worktree";
  Config config;
  int is_used = 0;
  std::error_code error;
  if (std::filesystem::exists(file, error) &&
      git_repository_config(receive(config), repository) == 0 &&
      git_config_get_bool(&is_used, config.get(), "extensions.worktreeConfig") == 0 && is_used != 0)
    git_config_add_file_ondisk(config.get(), file.c_str(), GIT_CONFIG_LEVEL_APP, repository, 0);
  git_error_clear();
}

Result<Repository> open_repository(const std::filesystem::path& git_directory) {
  ensure_library();
  Repository repository;
  const int code = git_repository_open(receive(repository), git_directory.c_str());
  if (code < 0) return failure(code, "cannot open the repository " + quote(git_directory.native()));
  read_worktree_settings(repository.get());
  return repository;
}

Result<Commit> find_commit(git_repository* repository, const git_oid& id) {
  Commit commit;
  const int code = git_commit_lookup(receive(commit), repository, &id);
  if (code < 0) return failure(code, "cannot read the commit " + quote(hex(id)));
  return commit;
}

Result<Commit> find_commit(git_repository* repository, const std::string& id) {
  KON_TRY(const git_oid parsed, parse_id(id));
  return find_commit(repository, parsed);
}

bool is_engine_commit(const Commit& commit) {
  const std::string_view message = git_commit_message(commit.get());
  return message.find("\nKonductor-Run: ") != std::string_view::npos;
}

Result<Tree> tree_of(const Commit& commit) {
  Tree tree;
  KON_TRY_VOID(check(git_commit_tree(receive(tree), commit.get()), "cannot read a commit's tree"));
  return tree;
}

Result<Tree> find_tree(git_repository* repository, const git_oid& id) {
  Tree tree;
  KON_TRY_VOID(check(git_tree_lookup(receive(tree), repository, &id), "cannot read a tree"));
  return tree;
}

Result<git_oid> tree_id_of(git_repository* repository, const git_oid& commit) {
  KON_TRY(const Commit found, find_commit(repository, commit));
  return *git_commit_tree_id(found.get());
}

Result<Signature> find_identity(git_repository* repository) {
  const std::string name =
      first_of("GIT_COMMITTER_NAME", "GIT_AUTHOR_NAME", setting(repository, "user.name"));
  const std::string email =
      first_of("GIT_COMMITTER_EMAIL", "GIT_AUTHOR_EMAIL", setting(repository, "user.email"));
  Signature signature;
  if (name.empty() || email.empty() ||
      git_signature_now(receive(signature), name.c_str(), email.c_str()) < 0)
    return Error{ErrorCode::environment,
                 "git does not know who commits: run `git config --global user.name \"Your Name\"` "
                 "and `git config --global user.email you@example.com`"};
  return signature;
}

namespace {

// Whether the repository has the object, by a look at its file or at the packs that are known.
bool is_there(git_repository* repository, const git_oid& id) {
  ObjectDatabase objects;
  return git_repository_odb(receive(objects), repository) == 0 &&
         git_odb_exists_ext(objects.get(), &id, GIT_ODB_LOOKUP_NO_REFRESH) == 1;
}

}  // namespace

Result<git_oid> write_commit(git_repository* repository, const git_signature& identity,
                             const CommitParts& parts) {
  KON_TRY(const Tree tree, find_tree(repository, parts.tree));
  std::vector<Commit> parents;
  std::vector<const git_commit*> pointers;
  for (const git_oid& id : parts.parents) {
    KON_TRY(Commit parent, find_commit(repository, id));
    pointers.push_back(parent.get());
    parents.push_back(std::move(parent));
  }
  git_oid id{};
  git_error_clear();
  KON_TRY_VOID(
      check(git_commit_create(&id, repository, nullptr, &identity, &identity, "UTF-8",
                              parts.message.c_str(), tree.get(), pointers.size(), pointers.data()),
            "cannot write a commit"));
  // libgit2 1.5 reports success when it could not put the commit's file into its place.
  const Error reason = failure(GIT_ERROR, "cannot write a commit");
  if (!is_there(repository, id)) return reason;
  return id;
}

}  // namespace konductor::platform::git
