// SPDX-License-Identifier: MIT
#pragma once

namespace CLI {
class App;
}

namespace konductor::cli {

// Has the help of `app` and its commands list commands by what they are for, with one short
// sentence each; a command's own help says the rest. To be called before commands are added.
void list_commands_briefly(CLI::App& app);

}  // namespace konductor::cli
