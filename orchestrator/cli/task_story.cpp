// SPDX-License-Identifier: MIT
#include "cli/task_story.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/role_name.hpp"
#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/text_table.hpp"
#include "engine/event_json.hpp"
#include "engine/run_state.hpp"

namespace konductor::cli {
namespace {

using Json = nlohmann::ordered_json;

template <class E>
bool is_of(const E& event, const TaskAddress& address) {
  return event.plan == address.plan && event.task == address.task;
}

std::string usage_text(const engine::Usage& usage) {
  if (usage.input_tokens == 0 && usage.output_tokens == 0) return {};
  return std::to_string(usage.input_tokens) + " in, " + std::to_string(usage.output_tokens) +
         " out, " + std::to_string(usage.cache_read_tokens) + " cached";
}

std::string cost_text(double usd) {
  if (usd <= 0) return {};
  char text[32];
  std::snprintf(text, sizeof text, "$%.4f", usd);
  return text;
}

std::string containment_text(const AttemptStory& story) {
  if (story.ceilings.empty()) return story.containment;
  return story.containment + " (" + join(story.ceilings, ", ") + ")";
}

std::string lease_text(const AttemptStory& story) {
  if (story.lease == "declared") return "writes what is declared";
  return story.lease == "unenforced" ? "lease not enforced" : "";
}

Json findings_json(const std::vector<engine::Finding>& findings) {
  Json list = Json::array();
  for (const engine::Finding& finding : findings)
    list.push_back(
        {{"severity", finding.severity}, {"source", finding.source}, {"text", finding.text}});
  return list;
}

}  // namespace

void TaskStory::apply(const engine::Event& event) {
  if (const auto* started = std::get_if<engine::event::attempt_started>(&event.body)) {
    AttemptStory story;
    story.address = {started->plan, started->task};
    story.run = event.run;
    story.started_at = event.time;
    story.name = engine::attempt_name(story.address, started->role, started->attempt);
    story.role = started->role;
    story.attempt = started->attempt;
    story.reason = started->reason;
    story.runtime = started->runtime;
    story.containment = started->containment;
    story.ceilings = started->ceilings;
    story.lease = started->lease;
    all_.push_back(std::move(story));
  } else if (const auto* finished = std::get_if<engine::event::attempt_finished>(&event.body)) {
    for (AttemptStory& story : all_) {
      if (!is_of(*finished, story.address) || story.role != finished->role ||
          story.attempt != finished->attempt)
        continue;
      story.is_finished = true;
      story.finished_at = event.time;
      story.finished = *finished;
      if (!finished->runtime.empty()) story.runtime = finished->runtime;
    }
  } else if (const auto* gates = std::get_if<engine::event::gate_checked>(&event.body)) {
    if (is_of(*gates, address_)) judgements_.push_back({"gates", gates->passed, gates->findings});
  } else if (const auto* review = std::get_if<engine::event::review_finished>(&event.body)) {
    if (is_of(*review, address_))
      judgements_.push_back({review->stage, review->verdict == "pass", review->findings});
  }
}

std::vector<const AttemptStory*> TaskStory::attempts() const {
  std::vector<const AttemptStory*> found;
  for (const AttemptStory& story : all_)
    if (story.address == address_) found.push_back(&story);
  return found;
}

const AttemptStory* TaskStory::find(const std::optional<std::string>& role,
                                    std::optional<int> attempt) const {
  const AttemptStory* found = nullptr;
  for (const AttemptStory* story : attempts())
    if ((!role || story->role == *role) && (!attempt || story->attempt == *attempt)) found = story;
  return found;
}

const AttemptStory* TaskStory::before(const AttemptStory& story) const {
  const AttemptStory* found = nullptr;
  for (const AttemptStory& other : all_) {
    if (&other == &story) return found;
    if (other.role == story.role) found = &other;
  }
  return found;
}

engine::Usage total_usage(const std::vector<const AttemptStory*>& attempts) {
  engine::Usage total;
  for (const AttemptStory* story : attempts)
    add(total, story->finished.usage);
  return total;
}

Json usage_json(const engine::Usage& usage) {
  return {{"input_tokens", usage.input_tokens},
          {"output_tokens", usage.output_tokens},
          {"cache_read_tokens", usage.cache_read_tokens},
          {"cost_usd", usage.cost_usd}};
}

Json attempts_json(const std::vector<const AttemptStory*>& attempts) {
  Json list = Json::array();
  for (const AttemptStory* story : attempts) {
    Json entry;
    entry["name"] = story->name;
    entry["run"] = story->run;
    entry["role"] = story->role;
    entry["attempt"] = story->attempt;
    entry["reason"] = story->reason;
    entry["runtime"] = story->runtime;
    entry["model"] = story->finished.model;
    entry["containment"] = story->containment;
    entry["ceilings"] = story->ceilings;
    entry["lease"] = story->lease;
    entry["cause"] = story->is_finished ? Json(story->finished.cause) : Json();
    entry["detail"] = story->finished.detail;
    entry["seconds"] = story->finished.seconds;
    entry["usage"] = usage_json(story->finished.usage);
    list.push_back(std::move(entry));
  }
  return list;
}

Json judgements_json(const std::vector<Judgement>& judgements) {
  Json list = Json::array();
  for (const Judgement& judgement : judgements)
    list.push_back({{"by", judgement.by},
                    {"passed", judgement.is_pass},
                    {"findings", findings_json(judgement.findings)}});
  return list;
}

std::string attempts_text(const std::vector<const AttemptStory*>& attempts) {
  TextTable table;
  for (const AttemptStory* story : attempts) {
    const engine::event::attempt_finished& end = story->finished;
    const std::string with = story->runtime + (end.model.empty() ? "" : " (" + end.model + ")");
    table.add({story->role + " " + std::to_string(story->attempt), story->reason, one_line(with),
               story->is_finished ? one_line(end.cause) : "running",
               story->is_finished ? duration_text(end.seconds) : "", usage_text(end.usage),
               cost_text(end.usage.cost_usd), containment_text(*story), lease_text(*story)});
  }
  std::string text;
  for (const std::string& line : table.lines("  "))
    text += line + "\n";
  return text;
}

std::string judgements_text(const std::vector<Judgement>& judgements) {
  std::string text;
  for (const Judgement& judgement : judgements) {
    const std::string name = judgement.by == "gates" ? "gates" : judgement.by + " review";
    text += "  " + name + ": " + (judgement.is_pass ? "passed" : "failed") + "\n";
    for (const engine::Finding& finding : judgement.findings)
      text += "    [" + finding.severity + "] " + one_line(finding.text) + "\n";
  }
  return text;
}

}  // namespace konductor::cli
