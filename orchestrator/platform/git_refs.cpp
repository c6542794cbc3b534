// SPDX-License-Identifier: MIT
#include "platform/git_refs.hpp"

#include <poll.h>
#include <unistd.h>

#include "base/text.hpp"
#include "platform/git_files.hpp"

namespace konductor::platform::git {

namespace fs = std::filesystem;

namespace {

// Another git program holds a reference's lock for milliseconds.
constexpr int kLockTries = 60;
constexpr int kLockPauseMax = 50;    // Milliseconds.
constexpr int kDeadLockPause = 500;  // Milliseconds.

template <class Action>
int with_lock_patience(Action action) {
  int pause = 1;
  for (int tries = 1;; ++tries) {
    const int code = action();
    if (code != GIT_ELOCKED || tries == kLockTries) return code;
    ::poll(nullptr, 0, pause);
    pause = std::min(pause * 2, kLockPauseMax);
  }
}

bool is_allowed(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7f && std::string_view("~^:?*[\\/").find(c) == std::string::npos;
}

bool is_ref_text(const std::string& text) {
  const std::string_view content = trim(text);
  return content.substr(0, 5) == "ref: " || parse_id(content).has_value();
}

}  // namespace

std::string safe_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool is_bad_pair =
        !name.empty() && ((c == '.' && name.back() == '.') || (c == '{' && name.back() == '@'));
    const bool is_bad_start = name.empty() && (c == '.' || c == '-');
    name += is_allowed(c) && !is_bad_pair && !is_bad_start ? c : '-';
  }
  if (name.empty() || name == "@") return "-";
  if (name.back() == '.') name.back() = '-';
  const std::string_view lock = ".lock";
  if (name.size() >= lock.size() && name.compare(name.size() - lock.size(), lock.size(), lock) == 0)
    name += "-";
  return name;
}

std::string safe_path(std::string_view text) {
  std::vector<std::string> parts;
  for (const std::string_view part : split(text, '/'))
    if (!part.empty()) parts.push_back(safe_name(part));
  return parts.empty() ? "-" : join(parts, "/");
}

Result<std::optional<git_oid>> read_ref(git_repository* repository, const std::string& name) {
  git_oid id{};
  const int code = git_reference_name_to_id(&id, repository, name.c_str());
  if (code == GIT_ENOTFOUND) return std::optional<git_oid>();
  if (code < 0) return failure(code, "cannot read the reference " + quote(name));
  return std::optional(id);
}

Result<Commit> find_named_commit(git_repository* repository, const std::string& name) {
  if (name.rfind("refs/", 0) != 0) return find_commit(repository, name);
  KON_TRY(const std::optional<git_oid> id, read_ref(repository, name));
  if (!id) return Error{ErrorCode::not_found, "there is no reference " + quote(name)};
  return find_commit(repository, *id);
}

Result<void> write_ref(git_repository* repository, const std::string& name, const git_oid& id,
                       const std::string& why, const git_oid* expected) {
  const std::string log = "konductor: " + why;
  const int code = with_lock_patience([&] {
    Reference reference;
    return git_reference_create_matching(receive(reference), repository, name.c_str(), &id, 1,
                                         expected, log.c_str());
  });
  // The value it should have come from is gone altogether.
  if (code == GIT_ENOTFOUND && expected != nullptr) return failure(GIT_EMODIFIED, quote(name));
  return check(code, "cannot set the reference " + quote(name));
}

Result<void> write_symbolic_ref(git_repository* repository, const std::string& name,
                                const std::string& target) {
  const int code = with_lock_patience([&] {
    Reference reference;
    return git_reference_symbolic_create(receive(reference), repository, name.c_str(),
                                         target.c_str(), 1, "konductor");
  });
  return check(code, "cannot set the reference " + quote(name));
}

Result<void> write_note(git_repository* repository, const std::string& name,
                        const std::string& text) {
  git_oid id{};
  KON_TRY_VOID(check(git_blob_create_from_buffer(&id, repository, text.data(), text.size()),
                     "cannot write a note"));
  return write_ref(repository, name, id, "note");
}

std::string read_note(git_repository* repository, const std::string& name) {
  const auto id = read_ref(repository, name);
  Blob blob;
  if (!id || !*id || git_blob_lookup(receive(blob), repository, &**id) < 0) return "";
  return std::string(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                     static_cast<std::size_t>(git_blob_rawsize(blob.get())));
}

std::string symbolic_target(git_repository* repository, const std::string& name) {
  Reference reference;
  if (git_reference_lookup(receive(reference), repository, name.c_str()) < 0) return "";
  const char* target = git_reference_symbolic_target(reference.get());
  return target != nullptr ? target : "";
}

Result<void> remove_ref(git_repository* repository, const std::string& name) {
  const int code =
      with_lock_patience([&] { return git_reference_remove(repository, name.c_str()); });
  if (code == GIT_ENOTFOUND) return {};
  return check(code, "cannot remove the reference " + quote(name));
}

void remove_dead_lock(const std::filesystem::path& lock, const git_oid& id) {
  const auto is_ours = [&] {
    const auto text = read_text(lock);
    return text && (trim(*text).empty() || trim(*text) == hex(id));
  };
  // A living program holds it for milliseconds.
  for (int waited = 0; is_ours(); waited += kLockPauseMax) {
    if (waited >= kDeadLockPause) {
      ::unlink(lock.c_str());
      return;
    }
    ::poll(nullptr, 0, kLockPauseMax);
  }
}

Result<bool> remove_spoiled_ref(const fs::path& git_directory, const std::string& name) {
  const fs::path file = git_directory / name;
  const fs::path log = git_directory / "logs" / name;
  bool is_spoiled = false;
  for (const fs::path& path : {file, log}) {
    std::error_code error;
    const fs::file_type type = fs::symlink_status(path, error).type();
    if (type == fs::file_type::not_found) continue;
    if (type == fs::file_type::regular &&
        (path == log || is_ref_text(read_text(path).value_or(""))))
      continue;
    KON_TRY_VOID(remove_path(path));
    is_spoiled = true;
  }
  return is_spoiled;
}

Result<std::vector<std::string>> list_ref_names(git_repository* repository,
                                                const std::string& prefix) {
  ReferenceIterator iterator;
  KON_TRY_VOID(
      check(git_reference_iterator_glob_new(receive(iterator), repository, (prefix + "*").c_str()),
            "cannot list references"));
  std::vector<std::string> found;
  for (;;) {
    const char* name = nullptr;
    const int code = git_reference_next_name(&name, iterator.get());
    if (code == GIT_ITEROVER) return found;
    if (code < 0) return failure(code, "cannot list references");
    found.emplace_back(name);
  }
}

std::string ref_value(git_repository* repository, const std::string& name) {
  Reference reference;
  if (git_reference_lookup(receive(reference), repository, name.c_str()) != 0) return {};
  if (const char* symbolic = git_reference_symbolic_target(reference.get()); symbolic != nullptr)
    return std::string("ref: ") + symbolic;
  const git_oid* direct = git_reference_target(reference.get());
  return direct != nullptr ? hex(*direct) : std::string();
}

Result<std::vector<RefValue>> list_refs(git_repository* repository, const std::string& prefix) {
  KON_TRY(std::vector<std::string> names, list_ref_names(repository, prefix));
  std::vector<RefValue> found;
  for (std::string& name : names) {
    std::string value = ref_value(repository, name);
    if (!value.empty()) found.push_back(RefValue{std::move(name), std::move(value)});
  }
  return found;
}

Result<std::string> keep_commit(git_repository* repository, const std::string& name,
                                const git_oid& id, const std::string& why) {
  for (int number = 1;; ++number) {
    const std::string numbered = number == 1 ? name : name + "-" + std::to_string(number);
    KON_TRY(const std::optional<git_oid> present, read_ref(repository, numbered));
    if (present && !(*present == id)) continue;
    if (!present) KON_TRY_VOID(write_ref(repository, numbered, id, why));
    return numbered;
  }
}

}  // namespace konductor::platform::git
