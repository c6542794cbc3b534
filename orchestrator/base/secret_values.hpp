// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace konductor {

// A value that nobody may read, and the name of the variable that holds it.
struct SecretValue {
  std::string name;
  std::string value;
  friend bool operator==(const SecretValue&, const SecretValue&) = default;
};

// Whether a variable of that name holds a secret: ANTHROPIC_API_KEY, DB_PASSWORD, GH_TOKEN.
bool is_secret_name(std::string_view name);

// Whether a value can be searched for without finding what is none: it has at least 8 characters
// and is no plain word, path or number.
bool is_telling_value(std::string_view value);

// The secrets among "NAME=value" entries: telling values of secret names, and the password in an
// address such as "postgres://user:password@host/", whatever the variable's name. Each value once.
std::vector<SecretValue> secrets_of_environment(const std::vector<std::string>& environment);

}  // namespace konductor
