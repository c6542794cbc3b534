// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "ports/arrival_watch.hpp"

namespace konductor::platform {

// ArrivalWatch over inotify: nothing is done while nothing comes. Where the kernel has no room for
// another watch, somebody looks every second.
class InotifyArrivalWatch final : public ports::ArrivalWatch {
 public:
  explicit InotifyArrivalWatch(const boost::asio::any_io_executor& executor);

  void begin(const std::filesystem::path& folder) override;
  boost::asio::awaitable<void> arrived() override;

 private:
  boost::asio::posix::stream_descriptor inotify_;
  bool is_watching_ = false;
};

}  // namespace konductor::platform
