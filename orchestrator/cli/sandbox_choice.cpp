// SPDX-License-Identifier: MIT
#include "cli/sandbox_choice.hpp"

#include "driver/role_resolution.hpp"
#include "platform/bubblewrap.hpp"
#include "platform/landlock.hpp"

namespace konductor::cli {
namespace {

void look_for_bwrap(const std::vector<std::string>& environment, agent::SandboxOffer& offer) {
  const std::string program = driver::find_program("bwrap", environment);
  if (program.empty()) {
    offer.bwrap_missing =
        "there is no \"bwrap\" in PATH: install bubblewrap, as with `apt-get install bubblewrap`";
    return;
  }
  const Result<void> tried = platform::try_bwrap(program);
  if (tried.has_error())
    offer.bwrap_missing = tried.error().message;
  else
    offer.bwrap = program;
}

}  // namespace

Result<agent::SandboxChoice> find_sandbox(config::Sandbox wanted,
                                          const std::vector<std::string>& environment,
                                          std::string& note) {
  agent::SandboxOffer offer;
  offer.landlock_abi = platform::landlock_abi();
  if (agent::depends_on_bwrap(wanted, offer.landlock_abi)) look_for_bwrap(environment, offer);
  KON_TRY(agent::SandboxChoice choice, agent::choose_sandbox(wanted, offer));
  if (wanted == config::Sandbox::automatic && !choice.is_confining())
    note = "attempts may read and write whatever you may: this kernel offers no Landlock, and " +
           offer.bwrap_missing;
  return choice;
}

}  // namespace konductor::cli
