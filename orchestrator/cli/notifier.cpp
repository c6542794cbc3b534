// SPDX-License-Identifier: MIT
#include "cli/notifier.hpp"

#include "base/text.hpp"
#include "driver/supervise.hpp"
#include "platform/http_post.hpp"

namespace konductor::cli {

using std::chrono::milliseconds;

namespace {

// More than a run has to say before somebody looks.
constexpr std::size_t kUntoldMax = 32;
constexpr milliseconds kLastWords = std::chrono::seconds(1);
constexpr std::uint64_t kPrintedMax = std::uint64_t{1} << 20U;

bool is_secure(const std::string& url) {
  return url.rfind("https://", 0) == 0;
}

}  // namespace

Notifier::Notifier(NotifierOutside outside, config::NotifySettings settings, std::string phase,
                   std::filesystem::path project, std::filesystem::path folder,
                   std::vector<std::string> environment, Note note)
    : outside_(outside),
      settings_(std::move(settings)),
      phase_(std::move(phase)),
      project_(std::move(project)),
      folder_(std::move(folder)),
      environment_(std::move(environment)),
      note_(std::move(note)),
      stop_(outside.context.get_executor()),
      worker_(outside.context.get_executor()) {}

void Notifier::on_event(const engine::Event& event) {
  std::optional<Notification> notification = notification_of(event, phase_);
  if (!notification) return;
  // What ends a run is told in any case.
  if (waiting_.size() >= kUntoldMax && notification->event != "done") {
    note_once("queue", "more to tell than notify.command and notify.webhook take; some is dropped");
    return;
  }
  waiting_.push_back(std::move(*notification));
  if (is_working_) return;
  is_working_ = true;
  worker_.spawn(work());
}

void Notifier::finish_within(milliseconds time) {
  end_ = outside_.clock.steady_now() + time;
}

milliseconds Notifier::time_left() const {
  const auto now = outside_.clock.steady_now();
  if (end_ <= now) return milliseconds(0);
  return std::min(settings_.timeout, std::chrono::ceil<milliseconds>(end_ - now));
}

void Notifier::note_once(const std::string& key, const std::string& text) {
  if (noted_.insert(key).second) note_(text);
}

ports::Task<void> Notifier::work() {
  while (!waiting_.empty()) {
    Notification next = std::move(waiting_.front());
    waiting_.pop_front();
    if (time_left().count() == 0) {
      note_once("late", "the run is over, and not everything could be told in time");
      continue;
    }
    co_await tell(std::move(next));
  }
  is_working_ = false;
}

ports::Task<void> Notifier::tell(Notification notification) {
  const std::string body = notification_text(notification, project_.string());
  const std::filesystem::path file = folder_ / (std::to_string(++told_) + ".json");
  const Result<void> written = outside_.files.write(file, body);
  if (written.has_error()) {
    note_once("file", "notifications cannot be kept: " + written.error().message);
    co_return;
  }
  if (!settings_.command.empty()) {
    std::vector<std::string> variables = notification_variables(notification);
    co_await run_program("notify.command", settings_.command, std::move(variables), file);
  }
  if (!settings_.webhook.empty()) co_await post(body, file);
}

ports::Task<void> Notifier::post(std::string body, std::filesystem::path file) {
  if (is_secure(settings_.webhook)) {
    std::vector<std::string> argv = {"curl",          "--silent", "--show-error",
                                     "--fail",        "--header", "Content-Type: application/json",
                                     "--data-binary", "@-",       settings_.webhook};
    std::vector<std::string> none;
    co_await run_program("notify.webhook", std::move(argv), std::move(none), file);
    co_return;
  }
  const milliseconds time = time_left();
  if (time.count() == 0) co_return;
  const Result<int> status = co_await platform::post_json(settings_.webhook, std::move(body), time);
  if (status.has_error())
    note_once("notify.webhook", "notify.webhook: " + status.error().message);
  else if (status.value() < 200 || status.value() > 299)
    note_once("notify.webhook",
              "notify.webhook answers with HTTP status " + std::to_string(status.value()));
}

ports::Task<void> Notifier::run_program(std::string key, std::vector<std::string> argv,
                                        std::vector<std::string> variables,
                                        std::filesystem::path file) {
  driver::AttemptLimits limits;
  limits.timeout = time_left();
  limits.grace = kLastWords;
  limits.output_bytes_max = kPrintedMax;
  if (limits.timeout.count() == 0) co_return;
  ports::ProcessSpec spec;
  spec.argv = std::move(argv);
  spec.environment = environment_;
  for (std::string& variable : variables)
    spec.environment.push_back(std::move(variable));
  spec.token = "KONDUCTOR_NOTIFICATION=" + file.string();
  spec.environment.push_back(spec.token);
  spec.directory = project_.string();
  spec.stdin_path = file.string();
  spec.stdout_path = file.string() + ".log";
  spec.stderr_path = spec.stdout_path;
  const Result<std::unique_ptr<ports::Process>> started = outside_.launcher.start(spec);
  if (started.has_error()) {
    note_once(key, key + ": " + started.error().message);
    co_return;
  }
  const Result<driver::Supervised> ended =
      co_await driver::supervise(outside_.clock, *started.value(), limits, stop_);
  if (ended.has_error())
    note_once(key, key + ": " + ended.error().message);
  else if (ended.value().cause != "done")
    note_once(key, key + " was ended (" + ended.value().cause + "); see " + spec.stdout_path);
  else if (ended.value().exit.exit_code != 0)
    note_once(key, key + " failed with exit " + std::to_string(ended.value().exit.exit_code) +
                       "; see " + spec.stdout_path);
}

}  // namespace konductor::cli
