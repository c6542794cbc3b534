// SPDX-License-Identifier: MIT
#include "platform/overlay_tree.hpp"

#include "base/text.hpp"
#include "platform/git_files.hpp"
#include "platform/overlay_upper.hpp"

namespace konductor::platform::git {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPlacePrefix = ".overlay-";
constexpr std::string_view kBasePrefix = ".base-";
// Links, so that they hold their texts as soon as they are there, also after a power cut.
constexpr const char* kReadyLink = "ready";  // To the files below, seen from here.
constexpr const char* kOwnerLink = "owner";
constexpr const char* kCopy = "copy";          // The files without a mount, while they are written.
constexpr const char* kCopiedFile = "copied";  // The copy is whole.

// In the directory that a mount hides. It also keeps others from removing an empty directory, which
// would take the mount away.
constexpr const char* kNote = "READ-ME.txt";
constexpr std::string_view kNoteText =
    "The files of this work tree are shown to konductor's own processes only, while its run goes "
    "on.\nThey are plain files here when the run has ended. If it was killed: `konductor execute` "
    "goes on\nwith them, and nothing is lost.\n";

Result<void> make_directories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return error_from_errno(error.value(), "cannot make " + quote(path.native()));
  return {};
}

Result<void> move(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) return error_from_errno(error.value(), "cannot move " + quote(from.native()));
  return {};
}

Result<void> make_link(const fs::path& target, const fs::path& path) {
  std::error_code error;
  fs::create_symlink(target, path, error);
  if (error) return error_from_errno(error.value(), "cannot make " + quote(path.native()));
  return {};
}

// By way of trash of that name, which is found by whoever comes after a crash.
Result<void> remove_as(const fs::path& directory, const std::string& name) {
  const fs::path trash = trash_place(directory, name);
  KON_TRY_VOID(remove_path(trash));
  KON_TRY_VOID(move(directory, trash));
  return remove_path(trash);
}

// What a person put where the note is.
bool holds_more_than_note(const fs::path& directory) {
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
    if (it->path().filename() != kNote) return true;
  return false;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string base_prefix(const std::string& phase) {
  return std::string(kBasePrefix) + phase + "-";
}

}  // namespace

OverlayTree::OverlayTree(fs::path directory)
    : directory_(std::move(directory)),
      place_(directory_.parent_path() /
             (std::string(kPlacePrefix) + directory_.filename().native())) {}

bool OverlayTree::exists() const {
  return is_there(place_ / kReadyLink);
}

bool OverlayTree::is_bare() const {
  if (!exists() || is_mount_point(directory_)) return false;
  const bool is_swapped_in = is_there(place_ / kCopiedFile) && !is_there(place_ / kCopy);
  return !is_swapped_in;
}

std::string OverlayTree::owner() const {
  std::error_code error;
  return exists() ? fs::read_symlink(place_ / kOwnerLink, error).native() : std::string();
}

fs::path OverlayTree::lower() const {
  std::error_code error;
  return (place_ / fs::read_symlink(place_ / kReadyLink, error)).lexically_normal();
}

OverlayParts OverlayTree::parts(const fs::path& lower) const {
  return {lower, place_ / "upper", place_ / "work", directory_};
}

Result<void> OverlayTree::make_point() const {
  KON_TRY_VOID(make_directories(directory_));
  return ensure_text(directory_ / kNote, kNoteText);
}

Result<void> OverlayTree::make(const fs::path& lower) const {
  KON_TRY_VOID(remove());
  const OverlayParts made = parts(lower);
  KON_TRY_VOID(make_directories(made.upper));
  return mount_over(lower);
}

Result<void> OverlayTree::mount_over(const fs::path& lower) const {
  const OverlayParts wanted = parts(lower);
  // The kernel's mark of an earlier mount that it does not know the end of is in there.
  KON_TRY_VOID(remove_path(wanted.work));
  KON_TRY_VOID(make_directories(wanted.work));
  KON_TRY_VOID(make_point());
  return mount_overlay(wanted);
}

Result<void> OverlayTree::finish(const fs::path& lower, const std::string& owner) const {
  KON_TRY_VOID(make_link(owner, place_ / kOwnerLink));
  return make_link(lower.lexically_relative(place_), place_ / kReadyLink);
}

Result<void> OverlayTree::mount() const {
  if (is_mount_point(directory_)) return {};
  if (is_there(place_ / kCopiedFile)) return materialise();
  return mount_over(lower());
}

Result<void> OverlayTree::unmount() const {
  return is_mount_point(directory_) ? unmount_overlay(directory_) : Result<void>();
}

Result<void> OverlayTree::materialise() const {
  KON_TRY_VOID(unmount());
  if (!is_there(place_ / kCopiedFile)) KON_TRY_VOID(write_copy());
  if (is_there(place_ / kCopy)) KON_TRY_VOID(swap_in());
  return remove();
}

// Nothing that exists is changed by it, so that it can begin from the start again.
Result<void> OverlayTree::write_copy() const {
  if (!is_there(lower()))
    return Error{ErrorCode::environment,
                 "the files that " + quote(directory_.native()) + " lies over are gone (" +
                     quote(lower().native()) + "); its own are in " +
                     quote((place_ / "upper").native()) + ": remove " + quote(place_.native()) +
                     " when nothing of them is wanted any more"};
  const fs::path copy = place_ / kCopy;
  KON_TRY_VOID(remove_path(copy));
  std::error_code error;
  fs::copy(lower(), copy, fs::copy_options::recursive | fs::copy_options::copy_symlinks, error);
  if (error) return error_from_errno(error.value(), "cannot write " + quote(copy.native()));
  KON_TRY_VOID(apply_upper(place_ / "upper", copy));
  return write_text(place_ / kCopiedFile, "");
}

Result<void> OverlayTree::swap_in() const {
  const Result<void> cleared =
      holds_more_than_note(directory_) ? move_aside(directory_) : remove_by_rename(directory_);
  KON_TRY_VOID(cleared);
  return move(place_ / kCopy, directory_);
}

Result<void> OverlayTree::remove() const {
  KON_TRY_VOID(unmount());
  if (!is_there(place_)) return {};
  return remove_as(place_, directory_.filename().native() + "-overlay");
}

fs::path free_base_directory(const fs::path& parent, const std::string& phase) {
  for (int number = 1;; ++number) {
    const fs::path path = parent / (base_prefix(phase) + std::to_string(number));
    if (!is_there(path)) return path;
  }
}

Result<void> remove_base_directory(const fs::path& base) {
  // Trash of the phase, so that it is found after a crash.
  const std::string number = base.filename().native().substr(kBasePrefix.size());
  return remove_as(base, number + "-base");
}

// "01-holistic", "01-plan-002".
bool is_tree_name(std::string_view name, const std::string& phase) {
  if (constexpr std::string_view kCopy = "-review"; name.ends_with(kCopy))
    name.remove_suffix(kCopy.size());
  const std::string plan = phase + "-plan-";
  if (name == phase + "-holistic") return true;
  return name.substr(0, plan.size()) == plan && is_digits(name.substr(plan.size()));
}

std::set<std::string> find_overlays(const fs::path& parent, const std::string& phase) {
  std::set<std::string> found;
  std::error_code error;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename();
    if (name.rfind(kPlacePrefix, 0) != 0) continue;
    const std::string tree = name.substr(kPlacePrefix.size());
    if (is_tree_name(tree, phase)) found.insert(tree);
  }
  return found;
}

Result<void> remove_overlay_leftovers(const fs::path& parent, const std::string& phase) {
  std::set<fs::path> used;
  for (const std::string& name : find_overlays(parent, phase)) {
    const OverlayTree tree(parent / name);
    if (!tree.exists()) KON_TRY_VOID(tree.remove());
    if (tree.exists()) used.insert(tree.lower().parent_path());
  }
  const std::string prefix = base_prefix(phase);
  std::vector<fs::path> unused;
  std::error_code error;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename();
    const bool is_base = name.rfind(prefix, 0) == 0 && is_digits(name.substr(prefix.size()));
    if (is_base && used.count(it->path()) == 0) unused.push_back(it->path());
  }
  for (const fs::path& base : unused)
    KON_TRY_VOID(remove_base_directory(base));
  return {};
}

}  // namespace konductor::platform::git
