// SPDX-License-Identifier: MIT
#include "platform/git_layout.hpp"

#include <algorithm>
#include <charconv>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "platform/git_files.hpp"
#include "platform/git_refs.hpp"

namespace konductor::platform::git {

namespace fs = std::filesystem;

namespace {

constexpr const char* kInPlaceHint = ", or set git.isolation = \"none\" to work in place";

constexpr std::string_view kBranchEnd = "/work";
constexpr std::string_view kReviewEnd = "-review";

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Takes a start away that is there.
bool cut(std::string_view& text, std::string_view start) {
  if (text.substr(0, start.size()) != start) return false;
  text.remove_prefix(start.size());
  return true;
}

std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || rest != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}

fs::path without_slash(const char* directory) {
  fs::path path(directory);
  return path.filename().empty() ? path.parent_path() : path;
}

Error unusable(int code, const fs::path& root) {
  if (code == GIT_ENOTFOUND) {
    git_error_clear();
    return Error{ErrorCode::environment, quote(root.native()) +
                                             " is in no git repository: run `git init` and make a "
                                             "first commit" +
                                             kInPlaceHint};
  }
  Error error = failure(code, "cannot open the git repository of " + quote(root.native()));
  error.code = ErrorCode::environment;
  if (code == GIT_EOWNER)
    error.message +=
        "; if you trust it, run `git config --global --add safe.directory " + root.native() + "`";
  else
    error.message +=
        " (partial clones and sha256 repositories are not supported; "
        "use a full clone" +
        std::string(kInPlaceHint) + ")";
  return error;
}

Result<Repository> discover(const fs::path& root) {
  ensure_library();
  Repository repository;
  const int code = git_repository_open_ext(receive(repository), root.c_str(), 0, nullptr);
  if (code < 0) return unusable(code, root);
  return repository;
}

fs::path real_path(const fs::path& path) {
  std::error_code error;
  const fs::path found = fs::weakly_canonical(path, error);
  return error ? path : found;
}

// The first `filter=name` in the text of a .gitattributes file.
std::string filter_of(std::string_view attributes) {
  for (const std::string_view line : split_lines(attributes)) {
    const auto at = line.find("filter=");
    if (trim(line).substr(0, 1) == "#" || at == std::string_view::npos || at == 0 ||
        (line[at - 1] != ' ' && line[at - 1] != '\t'))
      continue;
    const std::string_view rest = line.substr(at + std::string_view("filter=").size());
    return std::string(rest.substr(0, rest.find_first_of(" \t")));
  }
  return "";
}

struct FilterSearch {
  git_repository* repository;
  std::string filter;
};

int look_for_filter(const char*, const git_tree_entry* entry, void* payload) {
  auto& search = *static_cast<FilterSearch*>(payload);
  if (std::string_view(git_tree_entry_name(entry)) != ".gitattributes") return 0;
  Blob blob;
  if (git_blob_lookup(receive(blob), search.repository, git_tree_entry_id(entry)) < 0) return 0;
  const auto* text = static_cast<const char*>(git_blob_rawcontent(blob.get()));
  search.filter = filter_of({text, static_cast<std::size_t>(git_blob_rawsize(blob.get()))});
  return search.filter.empty() ? 0 : -1;
}

// The first filter that files of HEAD are stored through, or "".
Result<std::string> find_filter(git_repository* repository, const Layout& layout) {
  const fs::path own = layout.common_directory / "info" / "attributes";
  if (const auto text = read_text(own); text && !filter_of(*text).empty()) return filter_of(*text);
  Object head;
  KON_TRY_VOID(check(git_revparse_single(receive(head), repository, "HEAD^{tree}"),
                     "cannot read what HEAD points to"));
  FilterSearch search{repository, ""};
  git_tree_walk(reinterpret_cast<const git_tree*>(head.get()), GIT_TREEWALK_PRE, look_for_filter,
                &search);
  git_error_clear();
  return search.filter;
}

bool is_partial_clone(git_repository* repository) {
  Config config;
  if (git_repository_config_snapshot(receive(config), repository) < 0) return false;
  ConfigIterator iterator;
  if (git_config_iterator_new(receive(iterator), config.get()) < 0) return false;
  const std::string_view end = ".promisor";
  git_config_entry* entry = nullptr;
  while (git_config_next(&entry, iterator.get()) == 0) {
    const std::string_view name = entry->name;
    if (name.rfind("remote.", 0) == 0 && name.size() > end.size() &&
        name.substr(name.size() - end.size()) == end)
      return true;
  }
  return false;
}

}  // namespace

std::string Layout::to_project(const std::string& path) const {
  if (prefix.empty()) return path;
  if (path.compare(0, prefix.size(), prefix) == 0) return path.substr(prefix.size());
  return fs::path(path).lexically_relative(prefix.substr(0, prefix.size() - 1));
}

std::string Layout::to_repository(const std::string& path) const {
  return fs::path(prefix + path).lexically_normal();
}

Result<Layout> find_layout(const fs::path& root) {
  KON_TRY(const Repository repository, discover(root));
  const char* workdir = git_repository_workdir(repository.get());
  if (workdir == nullptr)
    return Error{ErrorCode::environment, quote(git_repository_path(repository.get())) +
                                             " is a bare repository: run konductor in a work tree "
                                             "of it (`git worktree add`)"};
  Layout layout;
  layout.root = real_path(root);
  layout.top = real_path(without_slash(workdir));
  layout.git_directory = real_path(without_slash(git_repository_path(repository.get())));
  layout.common_directory = real_path(without_slash(git_repository_commondir(repository.get())));
  const fs::path relative = layout.root.lexically_relative(layout.top);
  if (relative.empty() || *relative.begin() == "..")
    return Error{ErrorCode::environment, quote(layout.root.native()) +
                                             " is outside the work tree " +
                                             quote(layout.top.native()) + " of its repository"};
  if (relative != ".") layout.prefix = relative.native() + "/";
  return layout;
}

bool is_versioned(const fs::path& root) {
  ensure_library();
  Repository repository;
  const int code = git_repository_open_ext(receive(repository), root.c_str(), 0, nullptr);
  if (code == GIT_ENOTFOUND) return false;
  if (code < 0 || git_repository_is_bare(repository.get()) == 1) return true;
  const Result<Layout> layout = find_layout(root);
  if (!layout || layout->prefix.empty()) return true;
  int ignored = 0;
  const int asked = git_ignore_path_is_ignored(&ignored, repository.get(), layout->prefix.c_str());
  return asked < 0 || ignored == 0;
}

Result<void> check_supported(git_repository* repository, const Layout& layout) {
  if (git_repository_head_unborn(repository) == 1)
    return Error{ErrorCode::environment,
                 "the repository " + quote(layout.top.native()) +
                     " has no commit yet: make a first one (`git add -A && git commit`)"};
  if (is_partial_clone(repository))
    return Error{ErrorCode::environment,
                 "the repository " + quote(layout.top.native()) +
                     " is a partial clone, which is not supported: use a full clone" +
                     kInPlaceHint};
  KON_TRY(const std::string filter, find_filter(repository, layout));
  if (!filter.empty())
    return Error{ErrorCode::environment,
                 "a .gitattributes file stores files through the filter " + quote(filter) +
                     ", which konductor cannot run: take it out" + kInPlaceHint};
  return {};
}

PhaseNames::PhaseNames(std::string_view phase_id)
    : phase(safe_name(phase_id)),
      branches("refs/heads/konductor/" + phase + "/"),
      integration(branches + "main"),
      base("refs/konductor/" + phase + "/base"),
      target("refs/konductor/" + phase + "/target"),
      delivering("refs/konductor/" + phase + "/delivering"),
      delivered("refs/konductor/" + phase + "/delivered"),
      pool(phase + "-pool-") {}

std::optional<ports::PlanNumber> plan_of_name(std::string_view name) {
  if (name == "holistic") return 0;
  if (!cut(name, "plan-")) return std::nullopt;
  return number_of(name);
}

std::string PhaseNames::branch_folder(ports::PlanNumber plan) const {
  return branches + (plan == 0 ? "holistic" : "plan-" + plan_text(plan));
}

std::string PhaseNames::branch(ports::PlanNumber plan) const {
  return branch_folder(plan) + std::string(kBranchEnd);
}

std::optional<ports::PlanNumber> PhaseNames::plan_of(std::string_view reference) const {
  if (!cut(reference, branches) || !reference.ends_with(kBranchEnd)) return std::nullopt;
  reference.remove_suffix(kBranchEnd.size());
  return plan_of_name(reference);
}

std::string PhaseNames::worktree(ports::PlanNumber plan) const {
  return phase + (plan == 0 ? "-holistic" : "-plan-" + plan_text(plan));
}

std::string PhaseNames::review_copy(ports::PlanNumber plan) const {
  return worktree(plan) + std::string(kReviewEnd);
}

std::optional<ports::PlanNumber> PhaseNames::plan_of_review_copy(std::string_view name) const {
  const std::string_view whole = name;
  if (!cut(name, phase + "-") || !name.ends_with(kReviewEnd)) return std::nullopt;
  name.remove_suffix(kReviewEnd.size());
  const auto plan = plan_of_name(name);
  return plan && review_copy(*plan) == whole ? plan : std::nullopt;
}

bool PhaseNames::is_pooled(std::string_view name) const {
  return name.substr(0, pool.size()) == pool && is_number(name.substr(pool.size()));
}

bool PhaseNames::is_trash(std::string_view name) const {
  if (is_pooled(name)) return true;
  if (!cut(name, phase + "-")) return false;
  if (name == "overlay-trial") return true;
  const std::size_t end = name.find_first_not_of("0123456789");
  if (end != 0 && end != std::string_view::npos) return name.substr(end) == "-base";
  if (cut(name, "plan-")) {
    const std::size_t digits = std::min(name.find_first_not_of("0123456789"), name.size());
    if (digits == 0) return false;
    name.remove_prefix(digits);
  } else if (!cut(name, "holistic")) {
    return false;
  }
  cut(name, kReviewEnd);
  return name.empty() || name == "-overlay" || (cut(name, ".") && is_number(name));
}

std::string branch_name(const std::string& reference) {
  const std::string_view heads = "refs/heads/";
  if (reference.compare(0, heads.size(), heads) != 0) return reference;
  return reference.substr(heads.size());
}

}  // namespace konductor::platform::git
