// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

// What is tried on arbitrary bytes: by libFuzzer, and on mutated recordings in the property tests.
namespace fuzz {

// Does its work; throws when a promise is broken.
using Body = void (*)(std::string_view input);

struct Target {
  std::string name;
  Body body;
};

// Every reader of what agents print or say: streams by dialect, the protocols' frames and sessions,
// the words that tell a limit's end, values found in a line, and what takes out secrets.
const std::vector<Target>& targets();

// One with a mistake in it, for the alarm's sake: it does not survive an event whose
// message begins with "lim".
void canary(std::string_view input);

// Throws when it does not hold: also where assertions are off.
void require(bool holds, const char* what);

}  // namespace fuzz
