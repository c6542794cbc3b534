// SPDX-License-Identifier: MIT
#include "plan/fingerprint.hpp"

#include <catch2/catch.hpp>

using konductor::plan::Task;
using konductor::plan::task_fingerprint;

namespace {

Task sample() {
  Task task;
  task.number = 1;
  task.title = "Add login";
  task.files = {"a", "b"};
  task.action = "Write it\nwell";
  task.verify = "`make`";
  task.done = "It works";
  return task;
}

}  // namespace

TEST_CASE("a fingerprint does not change with blanks, number or place") {
  Task task = sample();
  task.number = 7;
  task.position = {9, 1};
  task.text = "other";
  task.title = " Add   login ";
  task.action = "Write\n\n  it well\n";
  CHECK(task_fingerprint(task) == task_fingerprint(sample()));
}

TEST_CASE("a fingerprint changes with every field") {
  std::vector<Task> changed(7, sample());
  changed[0].title = "Add logout";
  changed[1].files = {"a"};
  changed[2].files = {"a b"};
  changed[3].action += "!";
  changed[4].verify.clear();
  changed[5].done = "It Works";
  // What moves from one field to the next is a change.
  changed[6].verify.clear();
  changed[6].done = "`make` It works";
  for (const Task& task : changed)
    CHECK(task_fingerprint(task) != task_fingerprint(sample()));
}
