// SPDX-License-Identifier: MIT
#include "cli/request_client.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>

#include "cli/operator_action.hpp"
#include "driver/request_file.hpp"

namespace konductor::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMomentMilliseconds = 20;
// An engine that does not listen is starting, or bringing its result home.
constexpr std::chrono::milliseconds kWithoutFolder = std::chrono::seconds(3);
// From the moment that an engine has read a request until the journal has it.
constexpr std::chrono::milliseconds kLastLook{500};

class Client {
 public:
  Client(ports::FileStore& files, const ChosenPhase& chosen, engine::Request request)
      : files_(files),
        chosen_(chosen),
        request_(std::move(request)),
        folder_(chosen.layout.requests(chosen.location.id)),
        file_(folder_ / driver::request_file_name(request_.id)) {}

  Result<RequestFate> run(std::chrono::milliseconds patience) {
    request_.until = wall_milliseconds() + patience.count();
    const Clock::time_point deadline = Clock::now() + patience;
    const Clock::time_point deadline_unheard = Clock::now() + std::min(patience, kWithoutFolder);
    while (true) {
      fate_.holder = find_lock_holder(chosen_.layout.lock(chosen_.location.id));
      if (!fate_.holder) break;
      // The engine makes the folder when it listens, and removes it when it does not any more.
      if (!is_written_ && files_.exists(folder_)) {
        KON_TRY_VOID(files_.write(file_, driver::request_file_text(request_)));
        is_written_ = true;
      } else if (is_written_ && !files_.exists(file_)) {
        KON_TRY(const bool is_answered, look_for_answer());
        if (is_answered) return std::move(fate_);
        is_written_ = false;
      }
      if (Clock::now() > (is_written_ ? deadline : deadline_unheard)) return give_up();
      wait_a_moment();
    }
    return at_rest();
  }

 private:
  Result<bool> look_for_answer() {
    KON_TRY(const engine::RunState state,
            read_state(chosen_.layout.database(), chosen_.location.id, {}));
    const std::string* refusal = state.refusal_of(request_.id);
    if (refusal == nullptr) return false;
    fate_.kind = RequestFate::Kind::taken;
    fate_.refusal = *refusal;
    return true;
  }

  // The engine may have come to its end with the request in the journal.
  Result<RequestFate> at_rest() {
    if (is_written_) {
      KON_TRY(const bool is_answered, look_for_answer());
      KON_TRY_VOID(files_.remove(file_));
      if (is_answered) return std::move(fate_);
    }
    fate_.kind = RequestFate::Kind::resting;
    return std::move(fate_);
  }

  Result<RequestFate> give_up() {
    fate_.kind = RequestFate::Kind::unanswered;
    if (!is_written_) return std::move(fate_);
    KON_TRY_VOID(files_.remove(file_));
    const Clock::time_point deadline = Clock::now() + kLastLook;
    while (Clock::now() < deadline) {
      KON_TRY(const bool is_answered, look_for_answer());
      if (is_answered) break;
      wait_a_moment();
    }
    return std::move(fate_);
  }

  ports::FileStore& files_;
  const ChosenPhase& chosen_;
  engine::Request request_;
  std::filesystem::path folder_;
  std::filesystem::path file_;
  RequestFate fate_;
  bool is_written_ = false;
};

}  // namespace

void wait_a_moment() {
  ::poll(nullptr, 0, kMomentMilliseconds);
}

std::string make_request_id(std::int64_t now) {
  std::random_device random;
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%lld-%08x%08x", static_cast<long long>(now), random(),
                random());
  return text.data();
}

Result<RequestFate> send_request(ports::FileStore& files, const ChosenPhase& chosen,
                                 engine::Request request, std::chrono::milliseconds patience) {
  return Client(files, chosen, std::move(request)).run(patience);
}

}  // namespace konductor::cli
