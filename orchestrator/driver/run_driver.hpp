// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <vector>

#include "driver/attempt_runner.hpp"
#include "driver/gate_checker.hpp"
#include "driver/marker_writer.hpp"
#include "driver/plan_finisher.hpp"
#include "driver/request_desk.hpp"
#include "driver/run_shared.hpp"
#include "driver/task_group.hpp"

namespace konductor::driver {

// The one loop of a run: outcomes in, events made durable, commands performed. Nothing is acted on
// before the event that led to it is in the journal.
class RunDriver {
 public:
  RunDriver(boost::asio::io_context& context, RunShared& shared,
            std::vector<ports::RunObserver*> observers);

  // Runs until nothing is left to do; every process and workspace job has ended when it returns.
  // The machine then holds the exit code. The error is that the journal cannot be written any more.
  Task<Result<void>> run();

  // A first signal stops politely, a second at once.
  void request_stop(int signal);

  // After this process was stopped for a while: makes sure that the phase is still its own.
  void look_for_fence();

  // Makes events durable outside the loop (at a run's start and end) and tells the observers.
  Task<Result<void>> record(std::vector<engine::EventBody> bodies);

 private:
  Task<Result<void>> work_off();
  Task<void> watch_time(double seconds);
  void heed(const engine::RunMachine& machine);
  Task<Result<Report>> ask(engine::command::ask_person command);
  Task<Result<void>> commit(std::vector<engine::EventBody> bodies,
                            std::vector<ports::Document> documents);
  void perform(engine::Command command);
  Task<void> perform_one(engine::Command command);
  Task<Result<Report>> dispatch(engine::Command command);
  Task<void> look_at_fence();
  void post(Report report);
  Task<void> wait_for_report();
  void fill_in(engine::EventBody& body) const;

  RunShared& shared_;
  std::vector<ports::RunObserver*> observers_;
  AttemptRunner attempts_;
  GateChecker gates_;
  MarkerWriter markers_;
  PlanFinisher plans_;
  RequestDesk requests_;
  boost::asio::any_io_executor executor_;
  TaskGroup performers_;
  TaskGroup helpers_;  // Go on as long as the loop does.
  bool is_running_ = false;
  std::deque<Report> inbox_;
  boost::asio::steady_timer inbox_filled_;
};

}  // namespace konductor::driver
