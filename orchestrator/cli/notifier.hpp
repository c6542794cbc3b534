// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "cli/notification.hpp"
#include "config/config.hpp"
#include "driver/stop_signal.hpp"
#include "driver/task_group.hpp"
#include "ports/clock.hpp"
#include "ports/file_store.hpp"
#include "ports/process_launcher.hpp"
#include "ports/run_observer.hpp"

namespace konductor::cli {

// What a notifier works with; none of it is its own.
struct NotifierOutside {
  boost::asio::io_context& context;
  ports::Clock& clock;
  ports::ProcessLauncher& launcher;
  ports::FileStore& files;
};

// Tells notify.command and notify.webhook what a person who is away should know, one at a time and
// beside the run, which never waits for them: what hangs is ended, what is too much is dropped, and
// what goes wrong is noted once.
class Notifier final : public ports::RunObserver {
 public:
  using Note = std::function<void(const std::string& text)>;

  // `folder` is where each document and what the command prints is kept.
  Notifier(NotifierOutside outside, config::NotifySettings settings, std::string phase,
           std::filesystem::path project, std::filesystem::path folder,
           std::vector<std::string> environment, Note note);

  void on_event(const engine::Event& event) override;
  // What is left after the run is over gets this long, counted from now.
  void finish_within(std::chrono::milliseconds time);

 private:
  ports::Task<void> work();
  ports::Task<void> tell(Notification notification);
  ports::Task<void> run_program(std::string key, std::vector<std::string> argv,
                                std::vector<std::string> variables, std::filesystem::path file);
  ports::Task<void> post(std::string body, std::filesystem::path file);
  std::chrono::milliseconds time_left() const;
  void note_once(const std::string& key, const std::string& text);

  NotifierOutside outside_;
  config::NotifySettings settings_;
  std::string phase_;
  std::filesystem::path project_;
  std::filesystem::path folder_;
  std::vector<std::string> environment_;
  Note note_;
  driver::StopSignal stop_;
  driver::TaskGroup worker_;
  std::deque<Notification> waiting_;
  std::set<std::string> noted_;
  std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::time_point::max();
  int told_ = 0;
  bool is_working_ = false;
};

}  // namespace konductor::cli
