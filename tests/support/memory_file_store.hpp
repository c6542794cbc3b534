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
    const std::string name = key(path);
    const auto [place, is_new] = files_.try_emplace(name);
    File& file = place->second;
    // Behind an unlink that is not on disk either, the old text is.
    if (const auto unlinked = unlinked_.find(name); is_new && unlinked != unlinked_.end())
      file.synced = std::move(unlinked->second);
    unlinked_.erase(name);
    file.text = std::string(text);
    if (durability == ports::Durability::synced) file.synced = file.text;
    written_.push_back(name);
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
    for (auto file = files_.lower_bound(prefix); file != files_.end(); ++file) {
      if (file->first.compare(0, prefix.size(), prefix) != 0) break;
      add(file->first);
    }
    for (auto at = directories_.lower_bound(prefix); at != directories_.end(); ++at) {
      if (at->compare(0, prefix.size(), prefix) != 0) break;
      add(*at);
    }
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
    for (auto file = files_.lower_bound(name); file != files_.end();) {
      if (file->first.compare(0, name.size(), name) != 0) break;
      if (!is_below(file->first)) {
        ++file;
        continue;
      }
      if (file->second.synced.has_value()) unlinked_[file->first] = *std::move(file->second.synced);
      file = files_.erase(file);
    }
    for (auto at = directories_.lower_bound(name);
         at != directories_.end() && at->compare(0, name.size(), name) == 0;)
      at = is_below(*at) ? directories_.erase(at) : std::next(at);
    return boost::system::in_place_value;
  }

  Result<bool> redact(const std::filesystem::path& path, const Redactor& redactor) override {
    bool is_any = false;
    const std::string name = key(path);
    for (auto place = files_.lower_bound(name); place != files_.end(); ++place) {
      const std::string& other = place->first;
      File& file = place->second;
      if (other.compare(0, name.size(), name) != 0) break;
      if (other != name && other[name.size()] != '/') continue;
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
  // The same, but of what was not synced each write and each removal may have got to the disk:
  // `survives` is asked.
  template <class Survives>
  void lose_power(Survives&& survives) {
    for (auto file = files_.begin(); file != files_.end();) {
      const bool is_kept = file->second.synced == file->second.text || survives();
      if (is_kept)
        file->second.synced = file->second.text;
      else if (file->second.synced.has_value())
        file->second.text = *file->second.synced;
      file = is_kept || file->second.synced.has_value() ? std::next(file) : files_.erase(file);
    }
    for (auto& [path, text] : unlinked_)
      if (!survives()) files_[path] = File{text, text};
    unlinked_.clear();
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
  std::map<std::string, std::string> unlinked_;  // Synced once, and removed since.
  std::set<std::string> directories_;
  std::vector<std::string> written_;
  std::size_t writes_ = 0;
  std::size_t failing_write_ = 0;
};

}  // namespace konductor::test
