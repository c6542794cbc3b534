// SPDX-License-Identifier: MIT
#include "gates/secrets.hpp"

#include <algorithm>
#include <cstddef>

#include "base/secret_shapes.hpp"

namespace konductor::gates {
namespace {

using std::string_view;

struct Found {
  std::size_t offset = 0;
  string_view value;  // What makes it this secret and no other.
  string_view kind;
};

bool is_binary(string_view text) {
  constexpr std::size_t kLookedAt = 8000;
  return text.substr(0, kLookedAt).find('\0') != string_view::npos;
}

std::vector<Found> find_all(string_view text) {
  std::vector<Found> found;
  if (is_binary(text)) return found;
  for (std::size_t at = 0; at < text.size(); ++at) {
    ShapeMatch match = match_token(text, at, true);
    if (match.fit == ShapeMatch::Fit::no) match = match_private_key(text, at, true);
    if (match.fit == ShapeMatch::Fit::no) continue;
    const TextRange& secret = match.secrets.front();
    found.push_back({at, text.substr(secret.begin, secret.end - secret.begin), match.kind});
  }
  return found;
}

int line_at(string_view text, std::size_t offset) {
  return 1 + static_cast<int>(std::count(text.begin(),
                                         text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

}  // namespace

std::vector<SecretPlace> find_new_secrets(const std::vector<FileVersions>& files) {
  std::set<std::string, std::less<>> known;
  for (const FileVersions& file : files)
    if (file.before)
      for (const Found& found : find_all(*file.before))
        known.emplace(found.value);
  std::vector<SecretPlace> places;
  for (const FileVersions& file : files) {
    if (!file.after) continue;
    for (const Found& found : find_all(*file.after))
      if (known.count(found.value) == 0)
        places.push_back({file.path, line_at(*file.after, found.offset), std::string(found.kind)});
  }
  return places;
}

}  // namespace konductor::gates
