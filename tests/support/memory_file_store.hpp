// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/redactor.hpp"
#include "ports/file_store.hpp"

namespace konductor::test {

// Files in memory that know what of them a power failure would leave.
class MemoryFileStore final : public ports::FileStore {
 public:
  Result<std::string> read(const std::filesystem::path& path,
                           std::uint64_t bytes_max = 64ULL << 20) const override {
    const auto file = files_.find(key(path));
    if (file == files_.end())
      return Error{ErrorCode::not_found, "cannot read \"" + key(path) + "\": no such file"};
    if (file->second.text.size() > bytes_max)
      return Error{ErrorCode::io, "cannot read \"" + key(path) + "\": larger than " +
                                      std::to_string(bytes_max) + " bytes"};
    return file->second.text;
  }

  Result<void> write(const std::filesystem::path& path, std::string_view text,
                     ports::Durability durability = ports::Durability::cached) override {
    ++writes_;
    if (failing_write_ == writes_)
      return Error{ErrorCode::environment,
                   "cannot write \"" + key(path) + "\": No space left on device"};
    File& file = files_[key(path)];
    file.text = std::string(text);
    if (durability == ports::Durability::synced) file.synced = file.text;
    written_.push_back(key(path));
    add_directories(path.parent_path());
    return boost::system::in_place_value;
  }

  bool exists(const std::filesystem::path& path) const override {
    return files_.count(key(path)) != 0 || directories_.count(key(path)) != 0;
  }

  Result<std::vector<std::string>> list(const std::filesystem::path& directory) const override {
    const std::string prefix = key(directory) + "/";
    std::set<std::string> names;
    const auto add = [&](const std::string& path) {
      if (path.compare(0, prefix.size(), prefix) == 0 && path.size() > prefix.size())
        names.insert(path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size()));
    };
    for (const auto& [path, file] : files_)
      add(path);
    for (const std::string& path : directories_)
      add(path);
    return std::vector<std::string>(names.begin(), names.end());
  }

  Result<void> make_directories(const std::filesystem::path& directory) override {
    add_directories(directory);
    return boost::system::in_place_value;
  }

  Result<void> remove(const std::filesystem::path& path) override {
    const std::string name = key(path);
    const auto is_below = [&](const std::string& other) {
      return other == name || other.compare(0, name.size() + 1, name + "/") == 0;
    };
    std::erase_if(files_, [&](const auto& entry) { return is_below(entry.first); });
    std::erase_if(directories_, is_below);
    return boost::system::in_place_value;
  }

  Result<bool> redact(const std::filesystem::path& path, const Redactor& redactor) override {
    bool is_any = false;
    const std::string name = key(path);
    for (auto& [other, file] : files_) {
      if (other != name && other.compare(0, name.size() + 1, name + "/") != 0) continue;
      if (!redactor.has_secret(file.text)) continue;
      file.text = redactor.redact(file.text);
      file.synced = file.text;
      is_any = true;
    }
    return is_any;
  }

  // What a power failure leaves: every file as it was last synced, or not at all.
  void drop_unsynced() {
    std::erase_if(files_, [](const auto& entry) { return !entry.second.synced.has_value(); });
    for (auto& [path, file] : files_)
      file.text = *file.synced;
  }
  // Lets the n-th write from now fail as on a full disk.
  void fail_nth_write(std::size_t n) { failing_write_ = writes_ + n; }
  // Cuts a file, as a crash of the file system may.
  void truncate(const std::filesystem::path& path, std::size_t bytes) {
    File& file = files_.at(key(path));
    file.text.resize(std::min(bytes, file.text.size()));
    if (file.synced.has_value()) file.synced = file.text;
  }

  [[nodiscard]] bool is_synced(const std::filesystem::path& path) const {
    const auto file = files_.find(key(path));
    return file != files_.end() && file->second.synced == file->second.text;
  }
  [[nodiscard]] std::size_t writes() const { return writes_; }
  // Paths in the order of their successful writes.
  [[nodiscard]] const std::vector<std::string>& written() const { return written_; }

 private:
  struct File {
    std::string text;
    std::optional<std::string> synced;
  };

  static std::string key(const std::filesystem::path& path) {
    std::string text = path.lexically_normal().native();
    while (text.size() > 1 && text.back() == '/')
      text.pop_back();
    return text;
  }
  void add_directories(std::filesystem::path directory) {
    directory = key(directory);
    while (!directory.empty() && directory != directory.root_path() &&
           directories_.insert(directory.native()).second)
      directory = directory.parent_path();
  }

  std::map<std::string, File> files_;
  std::set<std::string> directories_;
  std::vector<std::string> written_;
  std::size_t writes_ = 0;
  std::size_t failing_write_ = 0;
};

}  // namespace konductor::test
