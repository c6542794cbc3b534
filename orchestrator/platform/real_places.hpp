// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

// The places of a confinement by the paths that the kernel knows them by.
namespace konductor::platform {

enum class PlaceUse { write, read, no_read };

// What may be done in each place, by its real path, without "/" at its end. A place comes after all
// that it is in.
using RealPlaces = std::map<std::string, PlaceUse>;

// Resolves all links; a missing place has the path that it would have. One that is both writable
// and unreadable is writable; one that is readable and unreadable is readable. Looks at the disk.
RealPlaces real_places(const std::vector<std::string>& writable,
                       const std::vector<std::string>& unreadable,
                       const std::vector<std::string>& readable = {});

using ListNames = std::function<std::vector<std::string>(const std::string& directory)>;

// What may be read, besides the writable places, said by places alone: on the way to an unreadable
// one, all that stands beside it. Asks `list` for what is in directories.
std::vector<std::string> readable_places(const RealPlaces& places, const ListNames& list);

}  // namespace konductor::platform
