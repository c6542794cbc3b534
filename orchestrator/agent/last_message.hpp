// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace konductor::agent {

// The document that an agent made its last message, because it may not write files: the message, or
// what is inside of the one code fence that it consists of.
std::string document_of_message(std::string_view message);

}  // namespace konductor::agent
