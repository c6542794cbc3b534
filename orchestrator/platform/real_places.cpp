// SPDX-License-Identifier: MIT
#include "platform/real_places.hpp"

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

namespace konductor::platform {
namespace fs = std::filesystem;
namespace {

std::string real_path(const std::string& place) {
  std::error_code error;
  fs::path path = fs::weakly_canonical(place, error);
  if (error) path = fs::path(place).lexically_normal();
  std::string text = path.string();
  while (text.size() > 1 && text.back() == '/')
    text.pop_back();
  return text;
}

std::string entry_of(const std::string& directory, const std::string& name) {
  return directory == "/" ? "/" + name : directory + "/" + name;
}

class Walk {
 public:
  Walk(const RealPlaces& places, const ListNames& list) : places_(places), list_(list) {}

  std::vector<std::string> whole() {
    visit("/");
    return std::move(found_);
  }

 private:
  void visit(const std::string& place) {
    // What is hidden, and what may be read anyhow.
    if (places_.count(place) != 0) return;
    if (!holds_unreadable(place)) {
      found_.push_back(place);
      return;
    }
    // A directory that cannot be listed may still be passed through.
    std::set<std::string> names = next_names(place);
    for (std::string& name : list_(place))
      names.insert(std::move(name));
    for (const std::string& name : names)
      visit(entry_of(place, name));
  }

  // Of what is in the directory, where places are or lie further down.
  std::set<std::string> next_names(const std::string& directory) const {
    std::set<std::string> names;
    const std::string start = entry_of(directory, "");
    for (auto at = places_.lower_bound(start); at != places_.end(); ++at) {
      if (at->first.compare(0, start.size(), start) != 0) break;
      names.insert(
          at->first.substr(start.size(), at->first.find('/', start.size()) - start.size()));
    }
    return names;
  }

  bool holds_unreadable(const std::string& directory) const {
    const std::string start = entry_of(directory, "");
    for (auto at = places_.lower_bound(start); at != places_.end(); ++at) {
      if (at->first.compare(0, start.size(), start) != 0) return false;
      if (at->second == PlaceUse::no_read) return true;
    }
    return false;
  }

  const RealPlaces& places_;
  const ListNames& list_;
  std::vector<std::string> found_;
};

}  // namespace

RealPlaces real_places(const std::vector<std::string>& writable,
                       const std::vector<std::string>& unreadable,
                       const std::vector<std::string>& readable) {
  RealPlaces places;
  const auto add = [&places](const std::vector<std::string>& all, PlaceUse use) {
    for (const std::string& place : all)
      // To bubblewrap an empty path is the root folder.
      if (!place.empty()) places[real_path(place)] = use;
  };
  add(unreadable, PlaceUse::no_read);
  add(readable, PlaceUse::read);
  add(writable, PlaceUse::write);
  return places;
}

std::vector<std::string> readable_places(const RealPlaces& places, const ListNames& list) {
  return Walk(places, list).whole();
}

}  // namespace konductor::platform
