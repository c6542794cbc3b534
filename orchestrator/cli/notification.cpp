// SPDX-License-Identifier: MIT
#include "cli/notification.hpp"

#include <nlohmann/json.hpp>

#include "base/ids.hpp"
#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "cli/output.hpp"
#include "engine/event_json.hpp"

namespace konductor::cli {
namespace {

using Json = nlohmann::ordered_json;

using namespace engine::event;  // NOLINT

Notification about(std::string event, std::string address, std::string message,
                   std::string command) {
  Notification notification;
  notification.event = std::move(event);
  notification.address = std::move(address);
  notification.message = one_line(message);
  notification.command = std::move(command);
  return notification;
}

std::string retry_command(const std::string& phase, const std::string& address) {
  return "konductor execute " + phase + " --retry " + address;
}

std::string unblock_command(const std::string& address) {
  return "konductor unblock " + address + " --context \"…\"";
}

Notification done(const run_finished& e, const std::string& phase) {
  std::string command = e.command;
  if (command.empty() && e.exit != 0) command = "konductor status " + phase;
  Notification notification = about(
      "done", "", "phase " + phase + ": " + e.outcome + " (exit " + std::to_string(e.exit) + ")",
      std::move(command));
  notification.exit = e.exit;
  notification.outcome = e.outcome;
  return notification;
}

using Maybe = std::optional<Notification>;

Maybe translate(const engine::EventBody& body, const std::string& phase) {
  return std::visit(
      Overloaded{
          [&](const task_needs_manual& e) -> Maybe {
            const std::string name = address_text(phase, {e.plan, e.task});
            return about("needs_person", name, e.reason, retry_command(phase, name));
          },
          [&](const plan_needs_manual& e) -> Maybe {
            const std::string name = plan_address_text(phase, e.plan);
            return about("needs_person", name, e.reason, "konductor status " + phase);
          },
          [&](const task_blocked& e) -> Maybe {
            const std::string name = address_text(phase, {e.plan, e.task});
            return about("blocked", name, e.reason, unblock_command(name));
          },
          [&](const holistic_finished& e) -> Maybe {
            if (e.verdict == "pass") return std::nullopt;
            const std::string name = address_text(phase, kPhaseAddress);
            return about("blocked", name, e.reason, unblock_command(name));
          },
          [&](const breaker_tripped& e) -> Maybe {
            const std::string why = e.kind == "blocked"
                                        ? "too many tasks are blocked: "
                                        : "attempts of several tasks failed in a row: ";
            return about("breaker", "", why + join(e.tasks, ", "), "konductor status " + phase);
          },
          [&](const run_finished& e) -> Maybe { return done(e, phase); },
          [](const auto&) -> Maybe { return std::nullopt; },
      },
      body);
}

}  // namespace

std::optional<Notification> notification_of(const engine::Event& event, const std::string& phase) {
  Maybe notification = translate(event.body, phase);
  if (!notification) return std::nullopt;
  notification->time = event.time;
  notification->phase = phase;
  notification->run = event.run;
  return notification;
}

std::string notification_text(const Notification& notification, const std::string& project) {
  Json json;
  json["schema_version"] = 1;
  json["event"] = notification.event;
  json["time"] = engine::time_text(notification.time);
  json["project"] = project;
  json["phase"] = notification.phase;
  json["run"] = notification.run;
  json["address"] = notification.address;
  json["message"] = notification.message;
  json["command"] = notification.command;
  if (notification.exit) {
    json["exit"] = *notification.exit;
    json["outcome"] = notification.outcome;
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::vector<std::string> notification_variables(const Notification& notification) {
  std::vector<std::string> variables = {
      "KONDUCTOR_EVENT=" + notification.event,     "KONDUCTOR_PHASE=" + notification.phase,
      "KONDUCTOR_RUN=" + notification.run,         "KONDUCTOR_ADDRESS=" + notification.address,
      "KONDUCTOR_MESSAGE=" + notification.message, "KONDUCTOR_COMMAND=" + notification.command};
  if (notification.exit) {
    variables.push_back("KONDUCTOR_EXIT=" + std::to_string(*notification.exit));
    variables.push_back("KONDUCTOR_OUTCOME=" + notification.outcome);
  }
  return variables;
}

}  // namespace konductor::cli
