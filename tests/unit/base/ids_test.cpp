// SPDX-License-Identifier: MIT
#include "base/ids.hpp"

#include <catch2/catch.hpp>

using namespace konductor;  // NOLINT

TEST_CASE("a task address may leave out leading parts and zeros") {
  CHECK(parse_address("01/002/3", AddressKind::task).value() == AddressText{"01", 2, 3});
  CHECK(parse_address("1/2/3", AddressKind::task).value() == AddressText{"1", 2, 3});
  CHECK(parse_address("002/3", AddressKind::task).value() == AddressText{std::nullopt, 2, 3});
  CHECK(parse_address("01/002", AddressKind::plan).value() == AddressText{"01", 2, std::nullopt});
  CHECK(parse_address("2", AddressKind::plan).value() ==
        AddressText{std::nullopt, 2, std::nullopt});
  CHECK(parse_address("01-auth", AddressKind::phase).value() ==
        AddressText{"01-auth", std::nullopt, std::nullopt});
}

TEST_CASE("the holistic review has an address where a task is wanted") {
  CHECK(parse_address("01/holistic", AddressKind::task).value() == AddressText{"01", 0, 0});
  CHECK(parse_address("holistic", AddressKind::task).value() == AddressText{std::nullopt, 0, 0});
  CHECK(parse_address("01/holistic", AddressKind::plan).has_error());
}

TEST_CASE("an address that is none says what was expected") {
  for (const char* text : {"", "/", "1", "a/b/c", "1/2/3/4", "01/2/x", "1/-2/3", "01/0/0", "01/1/0",
                           "/holistic", "01/2/holistic"}) {
    auto address = parse_address(text, AddressKind::task);
    INFO(text);
    REQUIRE(address.has_error());
    CHECK(address.error().code == ErrorCode::invalid_input);
    CHECK(address.error().message.find("01/002/3") != std::string::npos);
  }
}

TEST_CASE("addresses are printed with three digits for the plan") {
  CHECK(address_text("01", {2, 3}) == "01/002/3");
  CHECK(address_text("01", {1234, 3}) == "01/1234/3");
  CHECK(address_text("01", kPhaseAddress) == "01/holistic");
  CHECK(plan_address_text("01", 2) == "01/002");
}
