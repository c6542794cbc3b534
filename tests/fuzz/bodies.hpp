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

// Every reader of text that is not the engine's own: stream_targets(), then document_targets().
const std::vector<Target>& targets();

// What agents print or say: streams by dialect, the protocols' frames and sessions, the words that
// tell a limit's end, values found in a line, and what takes out secrets.
const std::vector<Target>& stream_targets();

// What people and agents write: plans, documents, roles, prompts, settings, state, tests.
const std::vector<Target>& document_targets();

// One with a mistake in it, for the alarm's sake: it does not survive a text with a line that
// begins with "lim".
void canary(std::string_view input);

// Throws when it does not hold: also where assertions are off.
void require(bool holds, const char* what);

}  // namespace fuzz
