// SPDX-License-Identifier: MIT
#include "simulation/seeds.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>

#include "engine/event_json.hpp"
#include "simulation/world.hpp"
#include "support/in_memory.hpp"

namespace konductor::test {
namespace {

void print_journal(const World& world) {
  for (const engine::Event& event : world.events())
    std::printf("%s\n", engine::encode_stream_line(event).c_str());
}

int live_once(std::uint64_t seed) {
  const InMemory in_memory;
  World world(seed);
  const std::string complaint = world.run();
  print_journal(world);
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed),
              complaint.empty() ? "all is well" : complaint.c_str());
  return complaint.empty() ? 0 : 1;
}

int live_and_tell(Seeds seeds, const char* program) {
  const auto began = std::chrono::steady_clock::now();
  const SeedsResult result = live_through(seeds);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf("%llu worlds from seed %llu in %.1f s, %.0f a second\n",
              static_cast<unsigned long long>(result.lived),
              static_cast<unsigned long long>(seeds.first), seconds,
              static_cast<double>(result.lived) / seconds);
  if (result.complaint.empty()) return 0;
  std::printf("seed %llu: %s\nagain with: %s --seed %llu\n",
              static_cast<unsigned long long>(result.failed_seed), result.complaint.c_str(),
              program, static_cast<unsigned long long>(result.failed_seed));
  return 1;
}

std::uint64_t number(const char* text) {
  return std::strtoull(text, nullptr, 10);
}

}  // namespace

SeedsResult live_through(Seeds seeds) {
  const InMemory in_memory;
  SeedsResult result;
  for (std::uint64_t n = 0; n < seeds.count; ++n) {
    const std::uint64_t seed = seeds.first + n;
    ++result.lived;
    try {
      World world(seed);
      result.complaint = world.run();
      result.events_seen.insert(world.events_seen().begin(), world.events_seen().end());
    } catch (const std::exception& error) {
      result.complaint = std::string("it threw: ") + error.what();
    }
    if (result.complaint.empty()) continue;
    result.failed_seed = seed;
    break;
  }
  return result;
}

int run_seeds(int argc, char** argv, bool& is_asked_for) {
  const std::string_view option = argc > 2 ? argv[1] : "";
  is_asked_for = true;
  if (option == "--seed" && argc == 3) return live_once(number(argv[2]));
  if (option == "--seeds" && argc == 4)
    return live_and_tell({number(argv[2]), number(argv[3])}, argv[0]);
  if (option == "--fresh" && argc == 3) {
    const char* told = std::getenv("SIMULATION_SEED");
    const std::uint64_t first =
        told != nullptr && *told != '\0' ? number(told) : std::random_device()();
    std::printf("fresh worlds from seed %llu\n", static_cast<unsigned long long>(first));
    return live_and_tell({first, number(argv[2])}, argv[0]);
  }
  is_asked_for = false;
  return 0;
}

}  // namespace konductor::test
