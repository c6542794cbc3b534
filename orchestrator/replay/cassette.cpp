// SPDX-License-Identifier: MIT
#include "replay/cassette.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "replay/files.hpp"

namespace fs = std::filesystem;

namespace konductor::replay {
namespace {

Error from_code(const std::error_code& code, const std::string& what) {
  return error_from_errno(code.value(), what);
}

// The take's directory, every part of it below the cassette a real directory.
Result<fs::path> find_take(const fs::path& cassette, const TakeAddress& address) {
  const fs::path directory = cassette / take_path(address);
  const Error missing{ErrorCode::not_found,
                      "the cassette has no " + quote(directory.string()) +
                          "; record this attempt, or write the directory by hand"};
  std::error_code code;
  if (!fs::is_directory(cassette, code)) {
    return Error{ErrorCode::not_found, "no cassette at " + quote(cassette.string()) +
                                           " (looked for " + quote(directory.string()) + ")"};
  }
  fs::path walked = cassette;
  for (const fs::path& part : take_path(address)) {
    walked /= part;
    const fs::file_status status = fs::symlink_status(walked, code);
    if (status.type() == fs::file_type::not_found) return missing;
    if (status.type() != fs::file_type::directory)
      return invalid(quote(walked.string()) + " is not a directory (links are refused)");
  }
  return directory;
}

// A file that a take may have; a missing one is empty.
Result<std::optional<std::string>> read_optional(const fs::path& path) {
  auto file = read_regular_file(path);
  if (file.has_value()) return std::optional<std::string>(std::move(file).value().text);
  if (file.error().code == ErrorCode::not_found) return std::optional<std::string>();
  return std::move(file).error();
}

Result<std::vector<TakeFile>> read_files(const fs::path& top) {
  std::vector<TakeFile> files;
  std::error_code code;
  const fs::file_status status = fs::symlink_status(top, code);
  if (status.type() == fs::file_type::not_found) return files;
  if (status.type() != fs::file_type::directory)
    return invalid(quote(top.string()) + " is not a directory (links are refused)");
  fs::recursive_directory_iterator entry(top, code);
  for (; !code && entry != fs::recursive_directory_iterator(); entry.increment(code)) {
    if (entry->symlink_status(code).type() == fs::file_type::directory) continue;
    if (code) break;
    TakeFile file;
    file.path = entry->path().lexically_relative(top).generic_string();
    KON_TRY_VOID(check_inside_path(file.path));
    KON_TRY(FileText content, read_regular_file(entry->path()));
    file.text = std::move(content.text);
    file.mode = content.mode;
    files.push_back(std::move(file));
  }
  if (code) return from_code(code, "reading " + quote(top.string()));
  std::sort(files.begin(), files.end(),
            [](const TakeFile& a, const TakeFile& b) { return a.path < b.path; });
  return files;
}

Result<std::vector<std::string>> read_deleted(const fs::path& path) {
  std::vector<std::string> deleted;
  KON_TRY(const std::optional<std::string> text, read_optional(path));
  if (!text) return deleted;
  for (const std::string_view line : split_lines(*text)) {
    if (trim(line).empty()) continue;
    if (auto checked = check_inside_path(line); !checked.has_value())
      return checked.error().with_context(quote(path.string()));
    deleted.emplace_back(line);
  }
  return deleted;
}

Result<int> read_exit_code(const fs::path& path) {
  KON_TRY(const std::optional<std::string> text, read_optional(path));
  if (!text) return 0;
  const std::string_view digits = trim(*text);
  int number = -1;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool is_whole = code == std::errc() && end == digits.data() + digits.size();
  if (!is_whole || number < 0 || number > 255)
    return invalid(quote(path.string()) + " must hold one number from 0 to 255");
  return number;
}

Result<void> check_take(const Take& take) {
  for (const TakeFile& file : take.files)
    KON_TRY_VOID(check_inside_path(file.path));
  for (const std::string& path : take.deleted) {
    KON_TRY_VOID(check_inside_path(path));
    if (path.find('\n') != std::string::npos)
      return invalid(quote(path) + " holds a line break and cannot be recorded as deleted");
  }
  if (take.exit_code < 0 || take.exit_code > 255)
    return invalid("exit code " + std::to_string(take.exit_code) + " is not from 0 to 255");
  return {};
}

Result<void> make_directories(const fs::path& directory) {
  std::error_code code;
  fs::create_directories(directory, code);
  if (code) return from_code(code, "making " + quote(directory.string()));
  return {};
}

Result<void> write_parts(const fs::path& directory, const Take& take) {
  for (const TakeFile& file : take.files) {
    const fs::path path = directory / "files" / file.path;
    KON_TRY_VOID(make_directories(path.parent_path()));
    KON_TRY_VOID(write_new_file(path, file.text, file.mode));
  }
  std::string deleted;
  for (const std::string& path : take.deleted)
    deleted += path + "\n";
  if (!deleted.empty()) KON_TRY_VOID(write_new_file(directory / "deleted", deleted, 0644));
  if (take.document) KON_TRY_VOID(write_new_file(directory / "document.md", *take.document, 0644));
  if (!take.output.empty())
    KON_TRY_VOID(write_new_file(directory / "stdout.log", take.output, 0644));
  if (take.exit_code != 0)
    KON_TRY_VOID(write_new_file(directory / "exit", std::to_string(take.exit_code) + "\n", 0644));
  return {};
}

}  // namespace

fs::path take_path(const TakeAddress& address) {
  std::string place = "holistic";
  if (address.plan != 0 && address.task != 0)
    place = plan_text(address.plan) + "-task-" + std::to_string(address.task);
  else if (address.plan != 0)
    place = plan_text(address.plan) + "-merge";
  return fs::path(to_string(address.role)) / place / std::to_string(address.take);
}

Result<Take> read_take(const fs::path& cassette, const TakeAddress& address) {
  KON_TRY(const fs::path directory, find_take(cassette, address));
  Take take;
  KON_TRY(take.files, read_files(directory / "files"));
  KON_TRY(take.deleted, read_deleted(directory / "deleted"));
  KON_TRY(take.document, read_optional(directory / "document.md"));
  KON_TRY(auto output, read_optional(directory / "stdout.log"));
  take.output = std::move(output).value_or("");
  KON_TRY(take.exit_code, read_exit_code(directory / "exit"));
  return take;
}

Result<void> write_take(const fs::path& cassette, const TakeAddress& address, const Take& take) {
  KON_TRY_VOID(check_take(take));
  const fs::path directory = cassette / take_path(address);
  const fs::path part = directory.parent_path() / ("." + directory.filename().string() + ".part");
  std::error_code code;
  fs::remove_all(part, code);
  if (code) return from_code(code, "removing " + quote(part.string()));
  KON_TRY_VOID(make_directories(part));
  KON_TRY_VOID(write_parts(part, take));
  fs::remove_all(directory, code);
  if (code) return from_code(code, "replacing " + quote(directory.string()));
  fs::rename(part, directory, code);
  if (code) return from_code(code, "writing " + quote(directory.string()));
  return {};
}

}  // namespace konductor::replay
