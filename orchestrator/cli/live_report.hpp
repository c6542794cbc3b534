// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "cli/run_report.hpp"
#include "ports/clock.hpp"

namespace konductor::cli {

// What a live report draws with.
struct LiveTerminal {
  boost::asio::any_io_executor executor;  // Of the loop, which all is done on.
  ports::Clock& clock;                    // Outlives the report.
  int file = 2;                           // Descriptor of the terminal.
  Paint paint;
};

// The live view: a header and a line a plan that is under way at the bottom of a terminal, changed
// in place at most ten times a second; what is over scrolls away above them. Draws nothing while
// nothing changes, but for the clock once a second.
std::unique_ptr<RunReport> make_live_report(const LiveTerminal& terminal,
                                            const ReportSubject& subject, bool is_verbose);

}  // namespace konductor::cli
