// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>

namespace konductor::ports {

// Tells when something is put into a folder.
class ArrivalWatch {
 public:
  virtual ~ArrivalWatch() = default;
  // Watches the folder from now on, in place of another one. It is there.
  virtual void begin(const std::filesystem::path& folder) = 0;
  // Returns when something was put there, or may have been, since the last call or since begin().
  // Throws operation_aborted when cancelled.
  virtual boost::asio::awaitable<void> arrived() = 0;
};

}  // namespace konductor::ports
