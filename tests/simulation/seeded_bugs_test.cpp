// SPDX-License-Identifier: MIT
// Whether the alarm goes off: each of these mistakes has to be found, and soon.
#include <catch2/catch.hpp>
#include <iostream>
#include <string_view>

#include "simulation/seeded_bug.hpp"
#include "simulation/seeds.hpp"

using konductor::test::SeededBug;

namespace {

constexpr std::uint64_t kSeedsMax = 2'000;

// While it lives, engines make the mistake.
class Seeding {
 public:
  explicit Seeding(SeededBug bug) { konductor::test::seeded_bug() = bug; }
  Seeding(const Seeding&) = delete;
  Seeding& operator=(const Seeding&) = delete;
  ~Seeding() { konductor::test::seeded_bug() = SeededBug::none; }
};

struct Alarm {
  const char* name;
  SeededBug bug;
  const char* words;  // In the complaint.
};

constexpr Alarm kAlarms[] = {
    {"acted_before_commit", SeededBug::acted_before_commit,
     "was started before the journal told of it"},
    {"marker_before_event", SeededBug::marker_before_event,
     "was written before the journal told of it"},
    {"lost_transaction", SeededBug::lost_transaction, "was started before the journal told of it"},
    {"unfenced_lock", SeededBug::unfenced_lock, "wrote to the journal after"},
    {"forgotten_merge", SeededBug::forgotten_merge, "was merged twice"},
    {"unsynced_document", SeededBug::unsynced_document, "its summary file was removed"},
    {"adopted_by_pid_alone", SeededBug::adopted_by_pid_alone, "stranger"},
    {"left_processes", SeededBug::left_processes, "under an attempt that is at work in it"},
    {"lost_blocked_report", SeededBug::lost_blocked_report, "is not in state.toml"},
    {"completed_task_again", SeededBug::completed_task_again, "complete task"},
    {"dependency_ignored", SeededBug::dependency_ignored, "on which it depends"},
    {"wave_ignored", SeededBug::wave_ignored, "wave"},
    {"parallel_limit_off_by_one", SeededBug::parallel_limit_off_by_one,
     "more processes than allowed"},
    {"retry_limit_off_by_one", SeededBug::retry_limit_off_by_one, "was tried again after"},
    {"lost_retry_counter", SeededBug::lost_retry_counter, "was tried again after"},
    {"gate_skipped", SeededBug::gate_skipped, "the result is not that of an undisturbed run"},
};

// The world whose complaint has the alarm's words; another check may find the bug in worlds before.
konductor::test::SeedsResult find(const Alarm& alarm) {
  constexpr std::uint64_t kEnd = konductor::test::kFirstSeed + kSeedsMax;
  konductor::test::SeedsResult found;
  for (std::uint64_t next = konductor::test::kFirstSeed; next < kEnd;
       next = found.failed_seed + 1) {
    found = konductor::test::live_through({next, kEnd - next});
    std::cout << alarm.name << ": world " << found.failed_seed << ": " << found.complaint << "\n";
    if (found.complaint.empty() || found.complaint.find(alarm.words) != std::string::npos) break;
  }
  return found;
}

}  // namespace

TEST_CASE("each seeded bug is found by the check for it") {
  for (const Alarm& alarm : kAlarms) {
    const Seeding seeding(alarm.bug);
    CAPTURE(alarm.name);
    CHECK_THAT(find(alarm).complaint, Catch::Contains(alarm.words));
  }
}
