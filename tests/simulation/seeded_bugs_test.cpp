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
};

constexpr Alarm kAlarms[] = {
    {"acted_before_commit", SeededBug::acted_before_commit},
    {"marker_before_event", SeededBug::marker_before_event},
    {"lost_transaction", SeededBug::lost_transaction},
    {"unfenced_lock", SeededBug::unfenced_lock},
    {"forgotten_merge", SeededBug::forgotten_merge},
    {"unsynced_document", SeededBug::unsynced_document},
    {"adopted_by_pid_alone", SeededBug::adopted_by_pid_alone},
    {"left_processes", SeededBug::left_processes},
    {"lost_blocked_report", SeededBug::lost_blocked_report},
    {"completed_task_again", SeededBug::completed_task_again},
    {"dependency_ignored", SeededBug::dependency_ignored},
    {"wave_ignored", SeededBug::wave_ignored},
    {"parallel_limit_off_by_one", SeededBug::parallel_limit_off_by_one},
    {"retry_limit_off_by_one", SeededBug::retry_limit_off_by_one},
    {"lost_retry_counter", SeededBug::lost_retry_counter},
    {"gate_skipped", SeededBug::gate_skipped},
};

}  // namespace

TEST_CASE("each seeded bug is found") {
  for (const Alarm& alarm : kAlarms) {
    const Seeding seeding(alarm.bug);
    const auto result = konductor::test::live_through({konductor::test::kFirstSeed, kSeedsMax});
    std::cout << alarm.name << ": world " << result.lived << ": " << result.complaint << "\n";
    CAPTURE(alarm.name);
    // Which check speaks first differs with the compiler; without a bug none does.
    CHECK_FALSE(result.complaint.empty());
  }
}
