// SPDX-License-Identifier: MIT
#include "driver/request_desk.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "driver/request_file.hpp"

namespace konductor::driver {
namespace {

// Looked at in one go; nobody types faster.
constexpr std::size_t kFilesMax = 64;
constexpr int kNotesMax = 10;

}  // namespace

RequestDesk::RequestDesk(RunShared& shared, Hand hand, Note note)
    : shared_(shared),
      hand_(std::move(hand)),
      note_(std::move(note)),
      folder_(shared.facts.layout.requests(shared.facts.phase.id)),
      notes_left_(kNotesMax) {}

Task<void> RequestDesk::run() {
  ports::FileStore& files = shared_.ports.files;
  auto open = [this, &files] { return files.make_directories(folder_); };
  const Result<void> made = co_await offload(shared_.ports.work_pool, std::move(open));
  // A run that cannot be asked for anything is a run all the same.
  if (made.has_error()) {
    note("nothing can be asked of this run from outside: " + made.error().message);
    co_return;
  }
  shared_.ports.arrivals.begin(folder_);
  while (true) {
    const bool is_more = co_await look();
    if (!is_more) co_await shared_.ports.arrivals.arrived();
  }
}

bool RequestDesk::is_known(const std::string& id) const {
  return shared_.machine.state().has_taken(id);
}

void RequestDesk::note(std::string text) {
  if (notes_left_-- > 0) note_(std::move(text));
}

// On a thread that may block. Files that have been handed on are left until the journal has them.
RequestDesk::Found RequestDesk::look_into_folder(std::int64_t now,
                                                 const std::set<std::string>& known) const {
  Found found;
  ports::FileStore& files = shared_.ports.files;
  const Result<std::vector<std::string>> names = files.list(folder_);
  if (names.has_error()) return found;
  std::size_t looked_at = 0;
  bool is_any_gone = false;
  for (const std::string& name : names.value()) {
    if (!name.ends_with(".json") || known.count(name) != 0) continue;
    if (++looked_at > kFilesMax) {
      found.is_more = is_any_gone || !found.requests.empty();
      break;
    }
    const Result<std::string> text = files.read(folder_ / name, kRequestFileMax);
    // Whoever asked has taken it back.
    if (text.has_error() && text.error().code == ErrorCode::not_found) continue;
    Result<engine::Request> request = text.has_error() ? Result<engine::Request>(text.error())
                                                       : parse_request_file(name, text.value());
    if (request.has_value() && request.value().until >= now) {
      found.requests.push_back(std::move(request).value());
      continue;
    }
    if (request.has_value())
      ++found.late;
    else
      found.broken.push_back(request.error().message);
    // What cannot be removed will be seen again, and does no harm.
    is_any_gone = files.remove(folder_ / name).has_value() || is_any_gone;
  }
  return found;
}

// Whether there is more to look at.
Task<bool> RequestDesk::look() {
  std::set<std::string> known;
  for (const std::string& id : handed_)
    known.insert(request_file_name(id));
  const std::int64_t now = shared_.ports.clock.wall_milliseconds();
  auto job = [this, now, &known]() -> Result<Found> { return look_into_folder(now, known); };
  Result<Found> looked = co_await offload(shared_.ports.work_pool, std::move(job));
  Found found;
  if (looked.has_value()) found = std::move(looked).value();
  if (!found.broken.empty())
    note("removed " + std::to_string(found.broken.size()) +
         " request(s) from outside that cannot be read: " + found.broken.front());
  if (found.late > 0)
    note("dropped " + std::to_string(found.late) +
         " request(s) from outside that nobody waits for any more");
  for (engine::Request& request : found.requests) {
    if (is_known(request.id)) {
      // A crash came between the journal and the folder.
      co_await remove(request.id);
      continue;
    }
    handed_.insert(request.id);
    hand_(std::move(request));
  }
  co_return found.is_more;
}

Task<void> RequestDesk::remove(std::string id) {
  ports::FileStore& files = shared_.ports.files;
  const std::filesystem::path path = folder_ / request_file_name(id);
  auto job = [&files, path] { return files.remove(path); };
  const Result<void> removed = co_await offload(shared_.ports.work_pool, std::move(job));
  // It is in the journal: whoever finds the file again removes it then.
  if (removed.has_value()) handed_.erase(id);
}

Task<void> RequestDesk::close() {
  ports::FileStore& files = shared_.ports.files;
  auto job = [this, &files] { return files.remove(folder_); };
  const Result<void> removed = co_await offload(shared_.ports.work_pool, std::move(job));
  static_cast<void>(removed);
}

}  // namespace konductor::driver
