// SPDX-License-Identifier: MIT
#include <nlohmann/json.hpp>

#include "cli/explain_command.hpp"
#include "engine/event_json.hpp"

namespace konductor::cli {
namespace {

using Json = nlohmann::ordered_json;

// For people: a run is named where another one begins.
class EvidenceText {
 public:
  explicit EvidenceText(const Paint& paint) : paint_(paint) {}

  std::string causes(const std::string& title, const std::vector<engine::Cause>& causes) {
    if (causes.empty()) return {};
    std::string text = "\n" + paint_.bold(title) + "\n";
    for (const engine::Cause& cause : causes) {
      text += "  " + one_line(cause.text, 400) + "\n";
      for (const engine::Evidence& evidence : cause.evidence)
        text += "      " + paint_.dim(line(evidence)) + "\n";
    }
    return text;
  }

 private:
  // "2026-01-31 12:00:00  gate_checked: failed, 2 findings"
  std::string line(const engine::Evidence& evidence) {
    std::string text;
    if (!evidence.run.empty() && evidence.run != run_) {
      run_ = evidence.run;
      text += "run " + one_line(run_, 80) + "\n      ";
    }
    const bool is_event = evidence.kind == "event";
    if (evidence.time != 0) text += second(evidence.time) + "  ";
    text += (is_event ? "" : evidence.kind + " ") + one_line(evidence.name, 120);
    if (!evidence.text.empty()) text += ": " + one_line(evidence.text, 300);
    return text;
  }

  static std::string second(std::int64_t time) {
    std::string text = engine::time_text(time).substr(0, 19);
    text[10] = ' ';
    return text;
  }

  const Paint& paint_;
  std::string run_;
};

Json causes_json(const std::vector<engine::Cause>& causes) {
  Json list = Json::array();
  for (const engine::Cause& cause : causes) {
    Json entry;
    entry["cause"] = cause.name;
    entry["text"] = cause.text;
    entry["evidence"] = Json::array();
    for (const engine::Evidence& evidence : cause.evidence) {
      Json item;
      item["kind"] = evidence.kind;
      item["name"] = evidence.name;
      item["text"] = evidence.text;
      item["time"] = nullptr;
      if (evidence.time != 0) item["time"] = engine::time_text(evidence.time);
      item["run"] = nullptr;
      if (!evidence.run.empty()) item["run"] = evidence.run;
      entry["evidence"].push_back(std::move(item));
    }
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

std::string explanation_text(const engine::Explanation& explanation, const Paint& paint) {
  std::string text = paint.bold(explanation.subject);
  if (!explanation.title.empty()) text += " " + one_line(explanation.title, 200);
  text += ": " + explanation.state + "\n" + one_line(explanation.answer, 1000) + "\n";
  EvidenceText told(paint);
  text += told.causes("why it ran", explanation.ran);
  text += told.causes("why it is so", explanation.stands);
  text += told.causes("next time", explanation.next);
  for (const std::string& command : explanation.commands)
    text += "      " + command + "\n";
  return text;
}

Json explanation_json(const engine::Explanation& explanation) {
  Json document;
  document["schema_version"] = 1;
  document["command"] = "explain";
  document["exit"] = 0;
  document["subject"] = explanation.subject;
  document["title"] = explanation.title;
  document["state"] = explanation.state;
  document["answer"] = explanation.answer;
  document["ran"] = causes_json(explanation.ran);
  document["stands"] = causes_json(explanation.stands);
  document["next"] = causes_json(explanation.next);
  document["commands"] = explanation.commands;
  return document;
}

}  // namespace konductor::cli
