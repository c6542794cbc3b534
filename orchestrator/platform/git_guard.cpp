// SPDX-License-Identifier: MIT
#include "platform/git_guard.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <iterator>
#include <set>

#include "base/text.hpp"
#include "platform/git_files.hpp"
#include "platform/git_graph.hpp"
#include "platform/git_layout.hpp"
#include "platform/git_refs.hpp"
#include "platform/git_user_moves.hpp"

namespace konductor::platform::git {

namespace fs = std::filesystem;

namespace {

// Files of the common directory that decide what git runs, and what it leaves out.
constexpr const char* kGuardedFiles[] = {"config", "config.worktree", "info/attributes",
                                         "info/exclude", "info/grafts"};

std::optional<GuardedFile> look_at(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  std::error_code error;
  if (S_ISLNK(status.st_mode)) return GuardedFile{fs::read_symlink(path, error), 0, true};
  const auto text = read_text(path);
  if (!text) return std::nullopt;
  return GuardedFile{*text, status.st_mode & 07777U, false};
}

Result<void> put_at(const fs::path& path, const GuardedFile& file) {
  std::error_code error;
  if (file.is_link || fs::is_directory(fs::symlink_status(path, error)))
    KON_TRY_VOID(remove_path(path));
  if (file.is_link) {
    fs::create_symlink(file.content, path, error);
  } else {
    KON_TRY_VOID(write_text(path, file.content));
    fs::permissions(path, static_cast<fs::perms>(file.mode), error);
  }
  if (error) return error_from_errno(error.value(), "cannot put back " + quote(path.native()));
  return {};
}

// Settings of a configuration file, except those that say which remote branch a branch follows:
// people's everyday commands write these, and they run nothing.
std::multimap<std::string, std::string> weighty_settings(const std::string& text,
                                                         const fs::path& directory) {
  std::multimap<std::string, std::string> found;
  static std::atomic<unsigned> copies = 0;
  const std::string unique = std::to_string(::getpid()) + "." + std::to_string(++copies);
  const fs::path copy = directory / ("konductor-config." + unique);
  Config config;
  ConfigIterator iterator;
  if (!write_text(copy, text)) return found;
  const bool is_read = git_config_open_ondisk(receive(config), copy.c_str()) == 0 &&
                       git_config_iterator_new(receive(iterator), config.get()) == 0;
  git_config_entry* entry = nullptr;
  while (is_read && git_config_next(&entry, iterator.get()) == 0) {
    const std::string name = entry->name;
    if (name.rfind("branch.", 0) != 0)
      found.emplace(name, entry->value != nullptr ? entry->value : "");
  }
  ::unlink(copy.c_str());
  return found;
}

std::string described(const std::string& path) {
  if (path.rfind("hooks/", 0) == 0) return "git hook " + quote(path.substr(6));
  return "git configuration file " + quote(path);
}

std::map<std::string, GuardedFile> look_at_files(const fs::path& directory) {
  std::vector<std::string> paths(std::begin(kGuardedFiles), std::end(kGuardedFiles));
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory / "hooks", error), end; !error && it != end;
       it.increment(error))
    // Git never runs the samples.
    if (it->path().extension() != ".sample" && !fs::is_directory(it->symlink_status(error)))
      paths.push_back("hooks" / it->path().lexically_relative(directory / "hooks"));
  std::map<std::string, GuardedFile> found;
  for (const std::string& path : paths)
    if (auto file = look_at(directory / path)) found.emplace(path, std::move(*file));
  return found;
}

Result<std::vector<std::string>> guarded_names(git_repository* repository) {
  std::vector<std::string> all;
  for (const char* prefix : {"refs/heads/", "refs/tags/", "refs/replace/", "refs/konductor/"}) {
    KON_TRY(std::vector<std::string> names, list_ref_names(repository, prefix));
    all.insert(all.end(), std::make_move_iterator(names.begin()),
               std::make_move_iterator(names.end()));
  }
  return all;
}

Result<std::map<std::string, std::string>> look_at_refs(git_repository* repository,
                                                        const RefFilter& is_watched) {
  std::map<std::string, std::string> found;
  KON_TRY(const std::vector<std::string> names, guarded_names(repository));
  for (const std::string& name : names) {
    if (is_watched && !is_watched(name)) continue;
    std::string value = ref_value(repository, name);
    if (!value.empty()) found.emplace(name, std::move(value));
  }
  return found;
}

std::string value_in(const std::map<std::string, std::string>& refs, const std::string& name) {
  const auto found = refs.find(name);
  return found == refs.end() ? std::string() : found->second;
}

struct RefMove {
  std::string name;
  std::string now;
  std::string before;
};

Result<void> put_ref_back(git_repository* repository, const std::string& kept_prefix,
                          const RefMove& move, std::vector<std::string>& lines) {
  const auto& [name, now, before] = move;
  std::string line = (name.rfind("refs/tags/", 0) == 0 ? "tag " : "branch ") +
                     quote(branch_name(name)) + " was " +
                     (before.empty() ? "added" : (now.empty() ? "removed" : "moved"));
  if (const auto id = parse_id(now)) {
    const std::string place =
        kept_prefix + "/" + safe_path(name.substr(5)) + "-" + now.substr(0, 12);
    KON_TRY(const std::string kept, keep_commit(repository, place, *id, "kept"));
    line += ", its commit is kept as " + quote(kept);
  }
  const std::string symbolic = "ref: ";
  if (before.empty()) {
    KON_TRY_VOID(remove_ref(repository, name));
  } else if (before.rfind(symbolic, 0) == 0) {
    KON_TRY_VOID(write_symbolic_ref(repository, name, before.substr(symbolic.size())));
  } else {
    KON_TRY(const git_oid wanted, parse_id(before));
    const auto present = parse_id(now);
    const auto put = write_ref(repository, name, wanted, "put back",
                               present.has_value() ? &present.value() : nullptr);
    // Somebody moved it again this instant: a person, for the attempt is over.
    if (!put && put.error().code == ErrorCode::conflict) return {};
    KON_TRY_VOID(put);
  }
  lines.push_back(line + (before.empty() ? ": removed" : ": put back"));
  return {};
}

}  // namespace

Result<Guarded> look_at_guarded(git_repository* repository, const RefFilter& is_watched) {
  Guarded record;
  // Logs first: what a person does while this runs is then seen as new.
  record.logs = UserMoves::sizes(repository);
  record.directory = git_repository_commondir(repository);
  record.files = look_at_files(record.directory);
  KON_TRY(record.refs, look_at_refs(repository, is_watched));
  return record;
}

Result<void> put_files_back(const fs::path& directory, const Guarded& before,
                            std::vector<std::string>& lines) {
  const std::map<std::string, GuardedFile> now = look_at_files(directory);
  for (const auto& [path, file] : now) {
    if (before.files.count(path) != 0) continue;
    KON_TRY_VOID(remove_path(directory / path));
    lines.push_back(described(path) + " was added: removed");
  }
  for (const auto& [path, file] : before.files) {
    const auto present = now.find(path);
    if (present != now.end() && present->second == file) continue;
    const bool is_config =
        path == "config" && present != now.end() && !present->second.is_link && !file.is_link;
    if (is_config && weighty_settings(present->second.content, directory) ==
                         weighty_settings(file.content, directory))
      continue;
    KON_TRY_VOID(put_at(directory / path, file));
    lines.push_back(described(path) + " was " + (present == now.end() ? "removed" : "changed") +
                    ": put back");
  }
  return {};
}

Result<void> put_refs_back(git_repository* repository, const Guarded& before,
                           const RefExpectation& expectation, const std::string& kept,
                           std::vector<std::string>& lines) {
  KON_TRY(const std::vector<std::string> present, guarded_names(repository));
  std::set<std::string> names(present.begin(), present.end());
  for (const auto& [name, value] : before.refs)
    names.insert(name);
  std::vector<RefMove> found;
  for (const std::string& name : names) {
    const std::optional<std::string> wanted = expectation(name, value_in(before.refs, name));
    if (!wanted) continue;
    std::string now = ref_value(repository, name);
    if (now != *wanted) found.push_back(RefMove{name, std::move(now), *wanted});
  }
  if (found.empty()) return {};
  // The logs last: they tell of every move that was found.
  const UserMoves moves(repository, before.logs);
  for (const RefMove& move : found)
    if (!moves.explains(move.name, move.before, move.now))
      KON_TRY_VOID(put_ref_back(repository, kept, move, lines));
  return {};
}

}  // namespace konductor::platform::git
