// SPDX-License-Identifier: MIT
#include "driver/workspace_paths.hpp"

#include <unistd.h>

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

bool is_below(const fs::path& path, const fs::path& root) {
  const fs::path relative = path.lexically_relative(root);
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

bool covers(const std::string& declared, const std::string& path) {
  const std::string wanted = normal_path(declared);
  if (!wanted.empty() && wanted.back() == '/') return path.rfind(wanted, 0) == 0;
  return wanted == path;
}

std::string normal_path(const std::string& path) {
  std::string text = fs::path(path).lexically_normal().string();
  return text;
}

plan::FileKind kind_of(const fs::path& root, std::string_view path) {
  std::error_code error;
  const fs::path full = root / path;
  if (!fs::is_regular_file(full, error)) return plan::FileKind::missing;
  return ::access(full.c_str(), X_OK) == 0 ? plan::FileKind::executable : plan::FileKind::plain;
}

std::string missing_reason(const fs::path& root, const std::string& declared) {
  std::error_code error;
  const fs::path full = root / declared;
  const fs::path real_root = fs::canonical(root, error);
  const fs::path real = fs::canonical(full, error);
  if (error) return "does not exist";
  if (!is_below(real, real_root)) return "is a link that leads out of the repository";
  const bool is_folder_wanted = !declared.empty() && declared.back() == '/';
  if (is_folder_wanted) return fs::is_directory(real, error) ? "" : "is not a directory";
  return fs::is_regular_file(real, error) ? "" : "is not a file";
}

fs::path tree_top(const fs::path& workspace) {
  // Sandboxes of agents leave empty directories of that name.
  const auto is_gits = [](const fs::path& entry) {
    std::error_code error;
    return fs::is_regular_file(entry, error) || fs::exists(entry / "HEAD", error);
  };
  for (fs::path at = workspace; at != at.parent_path(); at = at.parent_path())
    if (is_gits(at / ".git")) return at;
  return workspace;
}

bool is_link_out_of(const fs::path& top, const fs::path& path) {
  constexpr int kLinksMax = 40;
  std::error_code error;
  fs::path at = path;
  if (!fs::is_symlink(fs::symlink_status(at, error))) return false;
  // One link after the other: where the last one leads to need not exist.
  for (int n = 0; n < kLinksMax && fs::is_symlink(fs::symlink_status(at, error)); ++n) {
    const fs::path target = fs::read_symlink(at, error);
    if (error) return false;
    at = fs::weakly_canonical(at.parent_path() / target, error);
    if (error) return false;
  }
  const fs::path real_top = fs::weakly_canonical(top, error);
  return !error && !is_below(at, real_top);
}

}  // namespace konductor::driver
