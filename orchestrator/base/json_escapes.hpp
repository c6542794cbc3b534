// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace konductor {

// JSON text in which half of a character that JavaScript cut in two ("\ud83d" without its second
// half) is written as U+FFFD: parsers refuse such a text, and all that stands around it would be
// lost. Whole pairs stay as they are.
std::string without_half_characters(std::string json_text);

}  // namespace konductor
