// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "driver/stop_signal.hpp"
#include "ports/clock.hpp"
#include "ports/process_launcher.hpp"

namespace konductor::driver {

// Bytes that have to be available before one more attempt starts, given what each of those that run
// holds by now: what it needs itself, and what they may still come to need.
std::uint64_t memory_needed(std::uint64_t per_attempt, const std::vector<std::uint64_t>& held);

// Holds attempts back while the machine has no memory for them, those that came first first. One
// always runs, however little there is. Used on the loop's thread only.
class MemoryGate {
 public:
  using Available = std::function<std::uint64_t()>;  // Bytes; 0 is not known.

  // `per_attempt`: what one may come to need; zero, or an empty `available`, opens the gate.
  MemoryGate(ports::Clock& clock, StopSignal& stop, std::uint64_t per_attempt, Available available)
      : clock_(clock), stop_(stop), per_attempt_(per_attempt), available_(std::move(available)) {}

  // The attempts that run, each as the process to be asked what it holds: null when there is none.
  using Running = std::list<const ports::Process*>;

  // The place of an attempt that runs; it is given back by the destructor. The coroutines of a run
  // that is dropped may outlive the gate.
  class Place {
   public:
    explicit Place(std::shared_ptr<Running> running)
        : running_(std::move(running)), at_(running_->insert(running_->end(), nullptr)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { running_->erase(at_); }
    void set(const ports::Process* process) { *at_ = process; }

   private:
    std::shared_ptr<Running> running_;
    Running::iterator at_;
  };

  // The process that has the place, for as long as it is there to be asked.
  class Holding {
   public:
    Holding(Place& place, const ports::Process& process) : place_(place) { place_.set(&process); }
    Holding(const Holding&) = delete;
    Holding& operator=(const Holding&) = delete;
    ~Holding() { place_.set(nullptr); }

   private:
    Place& place_;
  };

  // What a wait is for, in bytes.
  struct Shortage {
    std::uint64_t available = 0;
    std::uint64_t needed = 0;
  };
  using TellShortage = std::function<void(Shortage)>;

  // Returns the place when there is memory for another attempt, or when the run is being stopped.
  // `tell` is called once when that takes a while.
  ports::Task<std::unique_ptr<Place>> pass(TellShortage tell, const StopSignal* own_stop = nullptr);
  // For one that runs already, whatever there is.
  std::unique_ptr<Place> enter() { return std::make_unique<Place>(running_); }

 private:
  [[nodiscard]] std::optional<Shortage> shortage() const;

  ports::Clock& clock_;
  StopSignal& stop_;
  std::uint64_t per_attempt_;
  Available available_;
  std::shared_ptr<Running> running_ = std::make_shared<Running>();
  // Those that wait; one's place in it is its turn.
  std::shared_ptr<std::list<int>> queue_ = std::make_shared<std::list<int>>();
};

// For people.
std::string shortage_text(MemoryGate::Shortage shortage);

}  // namespace konductor::driver
