// SPDX-License-Identifier: MIT
#include "engine/schedule.hpp"

#include <catch2/catch.hpp>

using namespace konductor::engine;

namespace {

using Numbers = std::vector<int>;

// Takes and settles everything in the order it is handed out.
Numbers drain(Schedule& schedule) {
  Numbers order;
  while (const auto next = schedule.next_ready()) {
    order.push_back(*next);
    schedule.take(*next);
    schedule.settle(*next, true);
  }
  return order;
}

}  // namespace

TEST_CASE("waves hand out the lowest number of the lowest wave first") {
  Schedule schedule({{4, 1, {}}, {2, 2, {}}, {9, 1, {}}, {1, 3, {}}}, ScheduleMode::waves);
  CHECK(schedule.ready() == Numbers{4, 9});
  CHECK(schedule.current_wave() == 1);
  schedule.take(9);
  schedule.settle(9, true);
  CHECK(schedule.ready() == Numbers{4});
  schedule.take(4);
  CHECK(schedule.ready().empty());
  CHECK_FALSE(schedule.is_wave_settled(1));
  schedule.settle(4, false);
  CHECK(schedule.is_wave_settled(1));
  CHECK(schedule.ready() == Numbers{2});
  CHECK(drain(schedule) == Numbers{2, 1});
  CHECK(schedule.is_finished());
  CHECK(schedule.current_wave() == std::nullopt);
}

TEST_CASE("any number can be a wave") {
  Schedule schedule({{1, 0, {}}, {2, -3, {}}, {3, 7, {1}}}, ScheduleMode::waves);
  CHECK(drain(schedule) == Numbers{2, 1, 3});
  CHECK(schedule.is_finished());
}

TEST_CASE("a dependency that settled incomplete is named, the lowest first") {
  Schedule schedule({{1, 1, {}}, {2, 1, {}}, {3, 2, {2, 1}}}, ScheduleMode::waves);
  CHECK(schedule.blocked_by(3) == std::nullopt);
  schedule.settle(2, false);
  CHECK(schedule.blocked_by(3) == 2);
  schedule.settle(1, false);
  CHECK(schedule.blocked_by(3) == 1);
  CHECK(schedule.blocked_by(1) == std::nullopt);
}

TEST_CASE("without waves the longest remaining path goes first") {
  // 1 → 4 → 5 (1 + 2 + 9), 2 (5), 3 → 6 (3 + 1)
  Schedule schedule(
      {{1, 1, {}, 1}, {2, 1, {}, 5}, {3, 1, {}, 3}, {4, 2, {1}, 2}, {5, 3, {4}, 9}, {6, 2, {3}, 1}},
      ScheduleMode::dependencies);
  CHECK(schedule.remaining_path(1) == Approx(12));
  CHECK(schedule.remaining_path(3) == Approx(4));
  CHECK(schedule.ready() == Numbers{1, 2, 3});
  CHECK(drain(schedule) == Numbers{1, 4, 5, 2, 3, 6});
  CHECK(schedule.is_finished());
}

TEST_CASE("without waves a plan waits for its dependencies and for nothing else") {
  Schedule schedule({{1, 1, {}}, {2, 1, {}}, {3, 2, {1}}, {4, 2, {1, 2}}},
                    ScheduleMode::dependencies);
  schedule.take(1);
  schedule.take(2);
  CHECK(schedule.ready().empty());
  schedule.settle(1, true);
  CHECK(schedule.ready() == Numbers{3});
  schedule.settle(2, true);
  CHECK(schedule.ready() == Numbers{3, 4});
}

TEST_CASE("a dependency outside what is scheduled holds nothing back") {
  for (const ScheduleMode mode : {ScheduleMode::waves, ScheduleMode::dependencies}) {
    Schedule schedule({{5, 2, {1, 1}}}, mode);
    CHECK(drain(schedule) == Numbers{5});
  }
}

TEST_CASE("a dependency named twice counts once") {
  Schedule schedule({{1, 1, {}}, {2, 2, {1, 1}}}, ScheduleMode::dependencies);
  CHECK(drain(schedule) == Numbers{1, 2});
}

TEST_CASE("settling is for once and for plans that exist") {
  Schedule schedule({{1, 1, {}}, {2, 2, {1}}}, ScheduleMode::waves);
  schedule.settle(7, true);
  schedule.settle(1, false);
  schedule.settle(1, true);
  CHECK(schedule.blocked_by(2) == 1);
  CHECK_FALSE(schedule.is_finished());
  schedule.settle(2, false);
  CHECK(schedule.is_finished());
}

TEST_CASE("an empty schedule is finished") {
  Schedule schedule({}, ScheduleMode::waves);
  CHECK(schedule.is_finished());
  CHECK(schedule.next_ready() == std::nullopt);
}

TEST_CASE("a plan that has something to do again keeps later waves from beginning") {
  Schedule schedule({{1, 1, {}}, {2, 1, {}}, {3, 2, {1}}, {4, 2, {}}}, ScheduleMode::waves);
  schedule.settle(1, false);
  schedule.settle(2, true);
  CHECK(schedule.ready() == Numbers{3, 4});
  schedule.take(4);
  schedule.reopen(1);
  CHECK(schedule.ready() == Numbers{1});
  CHECK_FALSE(schedule.is_wave_settled(1));
  schedule.take(1);
  CHECK(schedule.ready().empty());
  schedule.settle(1, true);
  CHECK(schedule.ready() == Numbers{3});
  // Only what was settled is opened again.
  schedule.reopen(4);
  schedule.reopen(9);
  CHECK(schedule.ready() == Numbers{3});
}

TEST_CASE("without waves what depends on a plan that is opened again waits for it") {
  Schedule schedule({{1, 1, {}}, {2, 2, {1}}, {3, 3, {2}}}, ScheduleMode::dependencies);
  for (const int plan : {1, 2, 3})
    schedule.settle(plan, false);
  CHECK(schedule.is_finished());
  for (const int plan : {1, 2, 3})
    schedule.reopen(plan);
  CHECK(drain(schedule) == Numbers{1, 2, 3});
}
