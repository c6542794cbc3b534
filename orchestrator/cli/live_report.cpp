// SPDX-License-Identifier: MIT
#include "cli/live_report.hpp"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <map>
#include <sstream>

#include "base/text.hpp"
#include "cli/attempt_activity.hpp"
#include "cli/live_region.hpp"
#include "cli/progress_screen.hpp"
#include "cli/progress_text.hpp"
#include "cli/terminal_device.hpp"
#include "cli/terminal_report.hpp"

namespace konductor::cli {
namespace {

using namespace engine::event;  // NOLINT
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFrameTime{100};

// What the lines of the plans show already is not told a second time.
bool scrolls(const engine::EventBody& body) {
  if (std::holds_alternative<plan_started>(body) || std::holds_alternative<task_started>(body) ||
      std::holds_alternative<attempt_started>(body) || std::holds_alternative<task_completed>(body))
    return false;
  if (const auto* status = std::get_if<status_reported>(&body)) return status->status != "DONE";
  if (const auto* review = std::get_if<review_finished>(&body)) return review->verdict != "pass";
  return true;
}

// "01/002/3  complete  A title (2 attempts, 03:12, 3.2k tokens, $0.11)"
std::string completed_text(const std::string& phase, const PlanProgress& plan,
                           const TaskAddress& task, std::int64_t now, const Paint& paint) {
  std::vector<std::string> facts = {counted(static_cast<std::size_t>(plan.attempts), "attempt"),
                                    elapsed_text(now - plan.since)};
  const engine::Usage& usage = plan.task_usage;
  if (usage.input_tokens + usage.output_tokens > 0) facts.push_back(tokens_text(usage) + " tokens");
  if (usage.cost_usd > 0) facts.push_back(cost_text(usage));
  return paint.bold(address_text(phase, task)) + "  " + paint.green("complete") + "  " +
         plan.title + paint.dim(" (" + join(facts, ", ") + ")");
}

class LiveReport final : public RunReport {
 public:
  LiveReport(const LiveTerminal& terminal, const ReportSubject& subject, bool is_verbose)
      : clock_(terminal.clock),
        paint_(terminal.paint),
        phase_(subject.phase),
        is_verbose_(is_verbose),
        grace_(subject.grace),
        open_stream_(subject.open_stream),
        fold_(subject.phase, subject.durations),
        lines_(scrolled_, paint_, subject.phase, is_verbose),
        device_(terminal.file),
        size_(device_.size()),
        timer_(terminal.executor),
        resizes_(terminal.executor, SIGWINCH) {
    region_.set_columns(size_.columns);
    await_resize();
  }
  LiveReport(const LiveReport&) = delete;
  LiveReport& operator=(const LiveReport&) = delete;
  ~LiveReport() override { LiveReport::close(); }

  void on_start(const engine::RunState& state) override {
    state_ = &state;
    fold_.start(state);
  }

  void on_event(const engine::Event& event) override {
    tell_completion(event);
    if (fold_.apply(event)) fold_.count(event.time);
    follow_attempts(event.body);
    if (is_verbose_ || scrolls(event.body)) lines_.on_event(event);
    is_begun_ = true;
    draw_soon();
  }

  void catch_up(const std::vector<engine::Event>& events) override {
    if (events.empty()) return;
    lines_.begin(events.front().time);
    for (const engine::Event& event : events) {
      fold_.apply(event);
      follow_attempts(event.body);
    }
    fold_.count(events.back().time);
    is_begun_ = true;
    draw_soon();
  }

  [[nodiscard]] bool wants_output() const override { return true; }

  void on_output(std::int64_t /*time*/, const std::string& /*run*/,
                 const attempt_output& output) override {
    const auto found = activities_.find(output.plan);
    if (found == activities_.end()) return;
    found->second.feed(output);
    const engine::PlanRecord* plan = state_ == nullptr ? nullptr : state_->plan(output.plan);
    const std::string workspace = plan == nullptr ? "" : plan->directory;
    const bool is_new = fold_.set_activity({output.plan, output.task}, output.role,
                                           found->second.text(workspace), found->second.spent());
    if (is_new) draw_soon();
  }

  void note(const std::string& text) override {
    scrolled_ << "konductor: note: " << text << "\n";
    draw_soon();
  }

  void on_stop(int signal, int count, std::int64_t now) override {
    const std::string text = stop_text(fold_.progress(), signal, count, grace_);
    lines_.say(now, text);
    fold_.set_stopping(text);
    draw_soon();
  }

  void on_resume() override {
    region_.forget();
    take_size();
    draw_soon();
  }

  void close() override {
    if (is_closed_) return;
    is_closed_ = true;
    timer_.cancel();
    resizes_.cancel();
    device_.write(region_.frame(take_scrolled(), {}));
    device_.finish();
  }

 private:
  // Before the event is folded: what the task took is known until then.
  void tell_completion(const engine::Event& event) {
    const auto* completed = std::get_if<task_completed>(&event.body);
    if (completed == nullptr || is_verbose_) return;
    const auto& running = fold_.progress().running;
    const auto found = running.find(completed->plan);
    if (found == running.end()) return;
    lines_.say(event.time, completed_text(phase_, found->second, {completed->plan, completed->task},
                                          event.time, paint_));
  }

  void follow_attempts(const engine::EventBody& body) {
    if (const auto* started = std::get_if<attempt_started>(&body))
      follow(started->plan, started->runtime, started->role);
    else if (const auto* adopted = std::get_if<engine::event::attempt_adopted>(&body))
      follow(adopted->plan, "", adopted->role);
    else if (const auto* finished = std::get_if<attempt_finished>(&body))
      activities_.erase(finished->plan);
  }

  void follow(int plan, const std::string& runtime, const std::string& role) {
    activities_.insert_or_assign(
        plan, AttemptActivity(open_stream_ ? open_stream_(runtime, role) : nullptr));
  }

  std::vector<std::string> take_scrolled() {
    std::vector<std::string> lines;
    const std::string text = scrolled_.str();
    for (const std::string_view line : split_lines(text))
      lines.emplace_back(line);
    scrolled_.str("");
    return lines;
  }

  void await_resize() {
    resizes_.async_wait([this](const boost::system::error_code& error, int) {
      if (error || is_closed_) return;
      take_size();
      draw_soon();
      await_resize();
    });
  }

  void take_size() {
    size_ = device_.size();
    region_.set_columns(size_.columns);
  }

  void draw_soon() { draw_at(std::max(clock_.steady_now(), drawn_at_ + kFrameTime)); }

  void draw_at(steady_clock::time_point time) {
    if (is_closed_ || (is_waiting_ && timer_.expiry() <= time)) return;
    is_waiting_ = true;
    timer_.expires_at(time);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error || is_closed_) return;
      is_waiting_ = false;
      draw();
    });
  }

  void draw() {
    drawn_at_ = clock_.steady_now();
    const std::int64_t now = clock_.wall_milliseconds();
    const RunProgress& progress = fold_.progress();
    if (device_.write_more()) {
      std::vector<ScreenLine> lines;
      if (is_begun_ && !progress.is_over) lines = render_progress(progress, size_, now, paint_);
      device_.write(region_.frame(take_scrolled(), lines));
    }
    // When the clock shows another second.
    constexpr std::int64_t kSecond = 1000;
    const std::int64_t into = (now - progress.began) % kSecond;
    if (is_begun_ && !progress.is_over)
      draw_at(drawn_at_ + std::chrono::milliseconds(kSecond - (into < 0 ? 0 : into)));
  }

  ports::Clock& clock_;
  Paint paint_;
  std::string phase_;
  bool is_verbose_;
  std::chrono::milliseconds grace_;
  OpenStream open_stream_;
  const engine::RunState* state_ = nullptr;
  ProgressFold fold_;
  std::ostringstream scrolled_;  // Lines that are to be drawn above.
  TerminalReport lines_;
  std::map<int, AttemptActivity> activities_;  // By plan: at most one attempt each.
  LiveRegion region_;
  TerminalDevice device_;
  ScreenSize size_;
  boost::asio::steady_timer timer_;
  boost::asio::signal_set resizes_;
  steady_clock::time_point drawn_at_{};
  bool is_waiting_ = false;
  bool is_begun_ = false;
  bool is_closed_ = false;
};

}  // namespace

std::unique_ptr<RunReport> make_live_report(const LiveTerminal& terminal,
                                            const ReportSubject& subject, bool is_verbose) {
  return std::make_unique<LiveReport>(terminal, subject, is_verbose);
}

}  // namespace konductor::cli
