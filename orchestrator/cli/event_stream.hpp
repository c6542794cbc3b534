// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "base/result.hpp"
#include "ports/run_observer.hpp"

namespace konductor::cli {

// `execute --events`: one JSON object a line, each written out at once.
class EventStream final : public ports::RunObserver {
 public:
  // `target` is a file's path, or "-" for `standard_output`.
  static Result<std::unique_ptr<EventStream>> open(const std::string& target,
                                                   std::ostream& standard_output);
  explicit EventStream(std::unique_ptr<std::ostream> file, std::ostream& stream)
      : file_(std::move(file)), stream_(stream) {}
  void on_event(const engine::Event& event) override;
  [[nodiscard]] bool wants_output() const override { return true; }
  void on_output(std::int64_t time, const std::string& run,
                 const engine::event::attempt_output& output) override;

 private:
  std::unique_ptr<std::ostream> file_;
  std::ostream& stream_;
};

}  // namespace konductor::cli
