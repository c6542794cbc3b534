// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace konductor::gates {

// Where a secret stands and what it is. Never the secret itself: what is made of this goes to the
// journal, to prompts and to people.
struct SecretPlace {
  std::string path;
  int line = 1;
  std::string kind;  // "a private key", "a GitHub token".
  friend bool operator==(const SecretPlace&, const SecretPlace&) = default;
};

// A file before and after a change; nothing where it was not there.
struct FileVersions {
  std::string path;
  std::optional<std::string> before;
  std::optional<std::string> after;
};

// Private keys and tokens of well-known shapes that the change brings in, by path and line. What
// stood in one of the files before, on whichever line, is not new. A value that says of itself that
// it is an example is none, nor is a binary file looked through.
std::vector<SecretPlace> find_new_secrets(const std::vector<FileVersions>& files);

}  // namespace konductor::gates
