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

}  // namespace konductor::driver
