// SPDX-License-Identifier: MIT
#include "cli/run_report.hpp"

#include <csignal>
#include <cstring>

#include "cli/terminal_report.hpp"
#include "config/units.hpp"

namespace konductor::cli {
namespace {

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name == nullptr ? "signal " + std::to_string(signal) : std::string("SIG") + name;
}

class PlainReport final : public RunReport {
 public:
  PlainReport(std::ostream& stream, Paint paint, const ReportSubject& subject, bool is_verbose)
      : stream_(stream),
        lines_(stream, paint, subject.phase, is_verbose),
        fold_(subject.phase, subject.durations),
        grace_(subject.grace) {}

  void on_start(const engine::RunState& state) override { fold_.start(state); }

  void on_event(const engine::Event& event) override {
    fold_.apply(event);
    lines_.on_event(event);
  }

  void note(const std::string& text) override {
    stream_ << "konductor: note: " << text << "\n" << std::flush;
  }

  void hold(bool is_held) override { lines_.hold(is_held); }

  void on_stop(int signal, int count, std::int64_t now) override {
    lines_.say(now, stop_text(fold_.progress(), signal, count, grace_));
  }

 private:
  std::ostream& stream_;
  TerminalReport lines_;
  ProgressFold fold_;
  std::chrono::milliseconds grace_;
};

}  // namespace

std::string stop_text(const RunProgress& progress, int signal, int count,
                      std::chrono::milliseconds grace) {
  if (count > 1) return "ending at once";
  const std::string under_way = under_way_text(progress);
  const std::string stopping = "stopping on " + signal_name(signal);
  if (under_way.empty()) return stopping;
  return stopping + ": waiting for " + under_way + ", killed after " +
         config::format_duration(grace) + "; another signal (Ctrl-C) ends all at once";
}

std::unique_ptr<RunReport> make_plain_report(std::ostream& stream, Paint paint,
                                             const ReportSubject& subject, bool is_verbose) {
  return std::make_unique<PlainReport>(stream, paint, subject, is_verbose);
}

}  // namespace konductor::cli
