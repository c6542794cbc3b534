// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "agent/agent_stream.hpp"

namespace konductor::agent {

// Everything that is known of an attempt that is over.
struct OutcomeFacts {
  std::string ended_by;  // Why the engine ended it: timed_out, stalled, …; "" when it ended itself.
  int exit_code = 0;     // Counts when `signal` is 0.
  int signal = 0;
  bool is_out_of_memory = false;       // The kernel killed one of its processes at its ceiling.
  std::optional<StreamReport> report;  // Nothing for a kind of runtime without a final event.
  bool has_document = false;           // Its document is there and acceptable.
};

struct AttemptOutcome {
  std::string cause;   // As event::attempt_finished has it.
  std::string detail;  // For people; "" when the cause says it all.
  friend bool operator==(const AttemptOutcome&, const AttemptOutcome&) = default;
};

// How an attempt ended. No single fact is trusted: agents exit with 0 after an error, say "success"
// of a refused request, print success and crash, and write documents they do not stand by.
//
//   ended by     final event   process        document   cause
//   the engine   any           any            any        the engine's
//   itself       not spoken    exit 0         yes        done
//   itself       not spoken    exit 0         no         no_document
//   itself       not spoken    other, signal  any        crashed
//   itself       none          exit 0         any        protocol_error
//   itself       none          other          any        that of its last error, else crashed
//   itself       none          signal         any        crashed
//   itself       success       exit 0         yes        done
//   itself       success       exit 0         no         no_document
//   itself       success       other, signal  any        crashed
//   itself       failure       any            any        its own, else crashed
//
// Where the ceiling of memory was met, what would be a crash, a broken protocol or a missing
// document is memory_limit.
AttemptOutcome decide_outcome(const OutcomeFacts& facts);

}  // namespace konductor::agent
