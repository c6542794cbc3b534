// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/event.hpp"

namespace konductor::cli {

// One attempt at a task, with what its journal says of it.
struct AttemptStory {
  TaskAddress address;
  std::string run;
  std::string name;  // Of its folder in the run's, and of its document.
  std::string role;
  int attempt = 0;
  std::string reason;
  std::int64_t started_at = 0;  // Milliseconds since 1970, as the end.
  std::int64_t finished_at = 0;
  bool is_finished = false;
  engine::event::attempt_finished finished;  // When it is.
  std::string runtime;                       // What it runs with, as far as it is known.
  std::string containment;                   // What holds its processes together.
  std::string lease;                         // As attempt_started has it.
  std::vector<std::string> ceilings;         // That they are held to.
};

// What gates or a reviewer said, behind the attempts that came before.
struct Judgement {
  std::string by;  // "gates", or the stage: "spec", "quality", "holistic".
  bool is_pass = false;
  std::vector<engine::Finding> findings;
};

// All that happened to one task, oldest first. Attempts at other tasks are kept too, because a
// prompt is compared with the one before it.
class TaskStory {
 public:
  explicit TaskStory(TaskAddress address) : address_(address) {}

  void apply(const engine::Event& event);

  [[nodiscard]] std::vector<const AttemptStory*> attempts() const;
  // Those at all tasks.
  [[nodiscard]] const std::vector<AttemptStory>& all_attempts() const { return all_; }
  [[nodiscard]] const std::vector<Judgement>& judgements() const { return judgements_; }
  // The newest attempt at the task, or the one of that role and number; null when there is none.
  [[nodiscard]] const AttemptStory* find(const std::optional<std::string>& role,
                                         std::optional<int> attempt) const;
  // The attempt of the same role that was started before it, at whichever task; null for the first.
  [[nodiscard]] const AttemptStory* before(const AttemptStory& story) const;

 private:
  TaskAddress address_;
  std::vector<AttemptStory> all_;
  std::vector<Judgement> judgements_;
};

// What all of them used together.
engine::Usage total_usage(const std::vector<const AttemptStory*>& attempts);

nlohmann::ordered_json usage_json(const engine::Usage& usage);
nlohmann::ordered_json attempts_json(const std::vector<const AttemptStory*>& attempts);
nlohmann::ordered_json judgements_json(const std::vector<Judgement>& judgements);

// For people: a table of attempts, and a line for each judgement and finding.
std::string attempts_text(const std::vector<const AttemptStory*>& attempts);
std::string judgements_text(const std::vector<Judgement>& judgements);

}  // namespace konductor::cli
