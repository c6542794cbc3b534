// SPDX-License-Identifier: MIT
#include "cli/event_stream.hpp"

#include <fstream>

#include "base/text.hpp"
#include "engine/event_json.hpp"

namespace konductor::cli {

Result<std::unique_ptr<EventStream>> EventStream::open(const std::string& target,
                                                       std::ostream& standard_output) {
  if (target == "-") return std::make_unique<EventStream>(nullptr, standard_output);
  auto file = std::make_unique<std::ofstream>(target, std::ios::binary | std::ios::app);
  if (!*file)
    return Error{ErrorCode::environment, "cannot write events to " + quote(target) +
                                             "; give --events a file in a writable directory"};
  std::ostream& stream = *file;
  return std::make_unique<EventStream>(std::move(file), stream);
}

void EventStream::on_event(const engine::Event& event) {
  stream_ << engine::encode_stream_line(event) << "\n" << std::flush;
}

void EventStream::on_output(std::int64_t time, const std::string& run,
                            const engine::event::attempt_output& output) {
  stream_ << engine::encode_stream_line(time, run, output) << "\n" << std::flush;
}

}  // namespace konductor::cli
