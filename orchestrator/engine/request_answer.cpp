// SPDX-License-Identifier: MIT
#include "engine/request_answer.hpp"

#include "base/text.hpp"

namespace konductor::engine {
namespace {

// As much of a note as a prompt gives whole.
constexpr std::size_t kNoteMax = 4096;

bool is_under_way(const TaskRecord& task) {
  return is<state::due>(task) || is<state::active>(task) || is<state::ended>(task);
}

class Answerer {
 public:
  Answerer(const RunState& state, const Request& request, const std::string& phase, bool is_running)
      : state_(state), request_(request), phase_(phase), is_running_(is_running) {}

  RequestAnswer answer() {
    decide();
    event::request_taken taken;
    taken.request = request_.id;
    taken.action = to_string(request_.action);
    taken.plan = request_.address.plan;
    taken.task = request_.address.task;
    taken.refusal = answer_.refusal;
    if (!answer_.refusal.empty()) answer_.events.clear();
    answer_.events.insert(answer_.events.begin(), std::move(taken));
    return std::move(answer_);
  }

 private:
  void decide() {
    if (has_address(request_.action) && !is_there()) return;
    switch (request_.action) {
      case RequestAction::pause:
        if (!state_.is_paused()) add(event::run_paused{request_.id});
        return;
      case RequestAction::resume:
        if (state_.is_paused()) add(event::run_resumed{request_.id});
        return;
      case RequestAction::stop:
        return;
      case RequestAction::tell:
        return tell();
      case RequestAction::skip:
        return request_.address.is_merge() ? skip_plan() : skip_task();
      case RequestAction::retry:
        return request_.address.is_merge() ? retry_plan() : retry_task();
      case RequestAction::unblock:
        return unblock();
    }
  }

  bool is_there() {
    const TaskAddress& address = request_.address;
    if (address.is_merge() ? state_.plan(address.plan) != nullptr : task_or_null() != nullptr)
      return true;
    refuse("there is no " + what() + "; see `konductor plan list " + phase_ + "`");
    return false;
  }

  void tell() {
    const TaskAddress& address = request_.address;
    if (address.is_merge()) return refuse("a note goes to a task, such as " + name(1));
    if (is<state::split>(task()))
      return refuse(what() + " was split; tell one of its sub-tasks (`konductor status " + phase_ +
                    "` shows them)");
    if (is_blank()) return refuse("the note is empty");
    if (request_.text.size() > kNoteMax)
      return refuse("the note is longer than " + std::to_string(kNoteMax) +
                    " bytes; write it into a file of the repository and name that");
    add(event::note_given{address.plan, address.task, request_.text});
  }

  void skip_plan() {
    const PlanRecord& plan = *state_.plan(request_.address.plan);
    if (std::holds_alternative<plan_state::completed>(plan.state))
      return refuse(what() + " is complete; `konductor diff " + name() + "` shows what it did");
    if (is_blank()) return refuse_blank_reason();
    add(event::skip_requested{request_.address.plan, 0, request_.text});
  }

  void skip_task() {
    const TaskAddress& address = request_.address;
    if (address.is_phase())
      return refuse(
          "the holistic review is no task of a plan; features.code_review = false turns reviews "
          "off");
    if (is<state::completed>(task())) return refuse(what() + " is complete");
    if (is<state::split>(task())) return refuse(what() + " was split; skip its sub-tasks");
    if (const auto* skipped = std::get_if<state::skipped>(&task().state); skipped != nullptr)
      return refuse(what() + " is skipped already: " + skipped->reason);
    if (is_blank()) return refuse_blank_reason();
    add(event::skip_requested{address.plan, address.task, request_.text});
    if (!is_running_ && !is<state::active>(task()))
      add(event::task_skipped{address.plan, address.task, request_.text});
  }

  // A skip is taken back, or a merge that was given up is done again.
  void retry_plan() {
    const int number = request_.address.plan;
    const PlanRecord& plan = *state_.plan(number);
    const TaskRecord* fix = state_.merge_fix(number);
    const bool is_given_up = fix != nullptr && is_settled(fix->state) &&
                             !std::holds_alternative<plan_state::completed>(plan.state);
    if (plan.skip_reason.empty() && !is_given_up)
      return refuse(what() +
                    " has nothing to retry: it is not skipped, and no merge of it failed "
                    "(a task of it runs again with `konductor retry " +
                    name(1) + "`)");
    add(event::retry_requested{number, 0});
  }

  void retry_task() {
    const TaskAddress& address = request_.address;
    if (!address.is_phase() && !state_.plan(address.plan)->skip_reason.empty())
      return refuse("its plan is skipped; take that back first with `konductor retry " +
                    plan_address_text(phase_, address.plan) + "`");
    if (is<state::split>(task()))
      return refuse(what() + " was split; retry one of its sub-tasks (`konductor status " + phase_ +
                    "` shows them)");
    if (is<state::waiting>(task()))
      return refuse(what() + " has not begun; it runs when its turn comes");
    if (is_running_ && is_under_way(task()))
      return refuse(what() + " is under way; what it comes to can be retried");
    add(event::retry_requested{address.plan, address.task});
  }

  void unblock() {
    const TaskAddress& address = request_.address;
    if (address.is_merge()) return refuse("a task is freed, such as " + name(1) + ", not a plan");
    if (!is<state::blocked>(task()))
      return refuse(what() + " is not blocked, it is " + quote(status_name(task().state)) +
                    "; `konductor status` shows what is");
    if (is_blank()) return refuse("the context is empty; say what the next attempt should know");
    add(event::task_unblocked{address.plan, address.task, request_.text});
  }

  bool is_blank() const { return trim(request_.text).empty(); }
  void refuse_blank_reason() { refuse("the reason is empty; say why it is left out"); }
  void refuse(std::string why) { answer_.refusal = std::move(why); }
  void add(EventBody body) { answer_.events.push_back(std::move(body)); }

  const TaskRecord* task_or_null() const { return state_.task(request_.address); }
  const TaskRecord& task() const { return *task_or_null(); }
  std::string name() const { return address_text(phase_, request_.address); }
  // Of a task of the same plan, as an example.
  std::string name(int example) const {
    return address_text(phase_, {request_.address.plan, example});
  }
  std::string what() const {
    return (request_.address.is_merge() ? "plan " : "task ") + quote(name());
  }

  const RunState& state_;
  const Request& request_;
  const std::string& phase_;
  bool is_running_;
  RequestAnswer answer_;
};

}  // namespace

RequestAnswer answer_request(const RunState& state, const Request& request,
                             const std::string& phase, bool is_running) {
  return Answerer(state, request, phase, is_running).answer();
}

}  // namespace konductor::engine
