// SPDX-License-Identifier: MIT
// The cassettes that are shipped with the examples can be played.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "base/role_name.hpp"
#include "replay/cassette.hpp"

namespace fs = std::filesystem;
using namespace konductor;

namespace {

int place_number(const std::string& place, std::size_t from) {
  return place == "holistic" ? 0 : std::stoi(place.substr(from));
}

}  // namespace

TEST_CASE("every take of the shipped cassettes is one that can be played") {
  const auto cassette = GENERATE(as<std::string>(), "good", "breaker");
  const fs::path top = fs::path(KONDUCTOR_SOURCE_DIR) / "examples/calculator/cassettes" / cassette;
  int count = 0;
  for (const auto& role : fs::directory_iterator(top)) {
    const auto name = parse_role_name(role.path().filename().string());
    INFO(role.path().string());
    REQUIRE(name.has_value());
    for (const auto& place : fs::directory_iterator(role)) {
      const std::string text = place.path().filename().string();
      for (const auto& take : fs::directory_iterator(place)) {
        INFO(take.path().string());
        const replay::TakeAddress address{*name, place_number(text, 0),
                                          place_number(text, text.rfind('-') + 1),
                                          std::stoi(take.path().filename().string())};
        REQUIRE(top / replay::take_path(address) == take.path());
        const auto read = replay::read_take(top, address);
        REQUIRE(read.has_value());
        CHECK(read->document.has_value());
        ++count;
      }
    }
  }
  CHECK(count >= 6);
}
