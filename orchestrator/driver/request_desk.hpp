// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "driver/run_shared.hpp"
#include "engine/request.hpp"

namespace konductor::driver {

// Takes what other processes ask of a run: files in a folder of the phase, each handed on once and
// removed when the journal has it. Whatever lies there, the run goes on: what cannot be read is
// removed with a note. Used on the loop's thread. Owned by the RunDriver.
class RequestDesk {
 public:
  using Hand = std::function<void(engine::Request request)>;
  using Note = std::function<void(std::string text)>;

  RequestDesk(RunShared& shared, Hand hand, Note note);

  // Opens the folder and takes what comes, until it is cancelled.
  Task<void> run();
  // The journal has it.
  Task<void> remove(std::string id);
  // Nobody takes anything any more.
  Task<void> close();

 private:
  struct Found {
    std::vector<engine::Request> requests;
    std::vector<std::string> broken;  // What is wrong with files that were removed.
    std::size_t late = 0;             // That nobody waits for any more.
    bool is_more = false;             // And it helps to look again.
  };

  Found look_into_folder(std::int64_t now, const std::set<std::string>& known) const;
  Task<bool> look();
  bool is_known(const std::string& id) const;
  void note(std::string text);

  RunShared& shared_;
  Hand hand_;
  Note note_;
  std::filesystem::path folder_;
  std::set<std::string> handed_;  // Not yet in the journal.
  int notes_left_;                // Whoever fills the folder does not fill the journal.
};

}  // namespace konductor::driver
