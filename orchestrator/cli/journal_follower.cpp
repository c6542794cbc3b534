// SPDX-License-Identifier: MIT
#include "cli/journal_follower.hpp"

#include <sys/stat.h>

#include "driver/phase_files.hpp"
#include "platform/sqlite_journal.hpp"

namespace konductor::cli {

JournalFollower::JournalFollower(std::filesystem::path database, std::string phase,
                                 const std::map<int, plan::Plan>& plans)
    : database_(std::move(database)),
      phase_(std::move(phase)),
      state_(driver::define_plans(plans)) {}

JournalFollower::Mark JournalFollower::mark_of(const std::filesystem::path& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return {};
  constexpr std::int64_t kSecond = 1'000'000'000;
  return {static_cast<std::int64_t>(status.st_size),
          static_cast<std::int64_t>(status.st_mtim.tv_sec) * kSecond + status.st_mtim.tv_nsec};
}

JournalFollower::Marks JournalFollower::marks() const {
  return {mark_of(database_), mark_of(database_.string() + "-wal")};
}

Result<std::vector<engine::Event>> JournalFollower::look(bool must_read) {
  std::vector<engine::Event> found;
  // Before it is read: what is written meanwhile is seen the next time.
  const Marks now = marks();
  if (now == read_at_ && !must_read) return found;
  const bool is_first = number_ == 0;
  auto journal = platform::SqliteJournal::open_read_only(database_, phase_);
  if (journal.has_error()) {
    if (journal.error().code == ErrorCode::not_found) return found;
    return journal.error();
  }
  KON_TRY(number_,
          journal.value()->replay_after(number_, [&](engine::Event&& event) -> Result<void> {
            KON_TRY_VOID(state_.apply(event));
            const bool is_start = std::holds_alternative<engine::event::run_started>(event.body);
            if (is_first && is_start) found.clear();
            found.push_back(std::move(event));
            return {};
          }));
  read_at_ = now;
  return found;
}

}  // namespace konductor::cli
