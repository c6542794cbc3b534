// SPDX-License-Identifier: MIT
#include "driver/output_follower.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "support/fake_clock.hpp"
#include "support/temp_dir.hpp"

using konductor::driver::OutputFollower;
using konductor::driver::TellOutput;
using konductor::engine::event::attempt_output;
using konductor::test::FakeClock;
using konductor::test::TempDir;

namespace {

// A follower of files that the test writes, on a clock that the test moves.
class Fixture {
 public:
  void print(const std::string& text, const std::string& stream = "stdout") const {
    std::ofstream(directory.path() / (stream + ".log"), std::ios::binary | std::ios::app) << text;
  }
  void pause() { clock.advance(OutputFollower::kPause); }
  std::string all(const std::string& stream = "stdout") const {
    std::string text;
    for (const attempt_output& piece : pieces)
      if (piece.stream == stream) text += piece.text;
    return text;
  }
  std::int64_t skipped() const {
    std::int64_t bytes = 0;
    for (const attempt_output& piece : pieces)
      bytes += piece.skipped;
    return bytes;
  }

  TempDir directory;
  boost::asio::io_context io{1};
  FakeClock clock{io};
  std::vector<attempt_output> pieces;
  konductor::Redactor redactor;
  TellOutput tell = [this](const attempt_output& piece) { pieces.push_back(piece); };
  OutputFollower follower{
      clock, {1, 2, "executor", 3, "", "", 0}, directory.path(), redactor, tell};
};

}  // namespace

TEST_CASE("what an attempt prints is told once, with whose it is") {
  Fixture fixture;
  CHECK(fixture.follower.look());
  fixture.print("hello\n");
  fixture.print("oh\n", "stderr");
  CHECK(fixture.follower.look());
  fixture.pause();
  CHECK(fixture.follower.look());
  REQUIRE(fixture.pieces.size() == 2);
  const attempt_output& first = fixture.pieces.front();
  CHECK(first.plan == 1);
  CHECK(first.task == 2);
  CHECK(first.role == "executor");
  CHECK(first.attempt == 3);
  CHECK(first.stream == "stdout");
  CHECK(first.text == "hello\n");
  CHECK(fixture.all("stderr") == "oh\n");
}

TEST_CASE("what comes too soon after a piece is told later") {
  Fixture fixture;
  fixture.print("1");
  CHECK(fixture.follower.look());
  fixture.print("2");
  CHECK_FALSE(fixture.follower.look());
  CHECK(fixture.all() == "1");
  fixture.pause();
  CHECK(fixture.follower.look());
  CHECK(fixture.all() == "12");
}

TEST_CASE("a burst is told whole in bounded pieces") {
  Fixture fixture;
  fixture.print(std::string(OutputFollower::kBytesPerLook, 'x'));
  fixture.follower.look();
  CHECK(fixture.all().size() == OutputFollower::kBytesPerLook);
  for (const attempt_output& piece : fixture.pieces)
    CHECK(piece.text.size() <= OutputFollower::kPieceMax);
}

TEST_CASE("of a flood the newest is told, with how much was skipped") {
  Fixture fixture;
  fixture.print(std::string(10 << 20, 'x') + "first");
  fixture.follower.look();
  fixture.print(std::string(10 << 20, 'y') + "last");
  fixture.follower.finish();
  CHECK(fixture.pieces.size() <= 8);
  CHECK(fixture.pieces.front().skipped > 0);
  CHECK(fixture.all().find("first") != std::string::npos);
  CHECK(fixture.all().substr(fixture.all().size() - 4) == "last");
  CHECK(fixture.all().size() + static_cast<std::size_t>(fixture.skipped()) == (20U << 20U) + 9);
}

TEST_CASE("no piece ends inside a character") {
  Fixture fixture;
  fixture.print("a\xE2\x82");
  fixture.follower.look();
  CHECK(fixture.all() == "a");
  fixture.pause();
  fixture.print("\xAC");
  fixture.follower.look();
  CHECK(fixture.all() == "a\u20AC");
  fixture.print("\xE2\x82");
  fixture.follower.finish();
  CHECK(fixture.all() == "a\u20AC\xE2\x82");
}

TEST_CASE("bytes that are no text are told too") {
  Fixture fixture;
  fixture.print(std::string(100, '\x80'));
  fixture.follower.look();
  CHECK(fixture.all().size() == 100);
}

TEST_CASE("no secret is told, also where output is skipped in the middle of it") {
  const std::string token = "ghp_Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2";
  Fixture fixture;
  fixture.print("one " + token.substr(0, 9));
  fixture.follower.look();
  CHECK(fixture.all() == "one ");
  fixture.pause();
  fixture.print(token.substr(9) + " two " + token.substr(0, 20));
  fixture.follower.look();
  CHECK(fixture.all() == "one [redacted:GitHub token] two ");
  fixture.pause();
  fixture.print(token.substr(20) + "\n" + std::string(OutputFollower::kBytesPerLook - 10, '.'));
  fixture.follower.look();
  fixture.follower.finish();
  CHECK(fixture.all().find("8Qr9St0") == std::string::npos);
  CHECK(fixture.all().find("Gh4Ij5") == std::string::npos);
}
