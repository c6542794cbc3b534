// SPDX-License-Identifier: MIT
#pragma once

namespace konductor::test {

// Mistakes that the simulation must notice. Wrappers of the simulated ports make some
// (engine_ports.hpp); for the others an engine gets settings that are not its world's. The product
// itself carries none of it.
enum class SeededBug {
  none,
  // Of ports.
  acted_before_commit,
  marker_before_event,
  lost_transaction,
  unfenced_lock,
  forgotten_merge,
  unsynced_document,
  adopted_by_pid_alone,
  left_processes,
  lost_blocked_report,
  // Of what an engine believes.
  completed_task_again,
  dependency_ignored,
  wave_ignored,
  parallel_limit_off_by_one,
  retry_limit_off_by_one,
  lost_retry_counter,
  gate_skipped,
};

// Which mistake is made now; one thread.
SeededBug& seeded_bug();
inline bool has_bug(SeededBug bug) {
  return seeded_bug() == bug;
}

}  // namespace konductor::test
