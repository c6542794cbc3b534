// SPDX-License-Identifier: MIT
// What the fuzzer tries, on mutated recordings and arbitrary bytes: everywhere, in seconds.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "agent/agent_stream.hpp"
#include "fuzz/bodies.hpp"
#include "rpc/line_splitter.hpp"

namespace fs = std::filesystem;

namespace {

std::vector<std::string> read_all(const fs::path& folder) {
  std::vector<std::string> texts;
  if (!fs::is_directory(folder)) return texts;
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::ifstream stream(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    texts.push_back(text.str());
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

// What a target's inputs look like.
std::vector<std::string> seeds_of(const std::string& target) {
  const fs::path tests = fs::path(KONDUCTOR_SOURCE_DIR) / "tests";
  std::vector<std::string> seeds = read_all(tests / "fuzz" / "corpus" / target);
  const std::string dialect = target.substr(target.find('_') + 1);
  for (std::string& text : read_all(tests / "recordings" / dialect))
    seeds.push_back(std::move(text));
  return seeds;
}

// A few of the changes that a fuzzer makes, chosen by one number.
class Mutator {
 public:
  Mutator(const std::vector<std::string>& seeds, std::uint32_t seed) : seeds_(seeds), dice_(seed) {}

  std::string next() {
    std::string text = any_seed();
    for (std::size_t n = below(8); n > 0; --n)
      change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t end) { return end == 0 ? 0 : dice_() % end; }
  const std::string& any_seed() { return seeds_.at(below(seeds_.size())); }

  void change(std::string& text) {
    static const std::vector<std::string> bits = {"\"",
                                                  "\\",
                                                  "\n",
                                                  "{",
                                                  "}",
                                                  "[",
                                                  "]",
                                                  ":",
                                                  ",",
                                                  "null",
                                                  "-1",
                                                  "1e999",
                                                  "\\ud800",
                                                  "\xFF",
                                                  "9223372036854775808",
                                                  "{\"type\":\"result\"}",
                                                  "\n\n",
                                                  "true",
                                                  "\\u0000",
                                                  "429",
                                                  "\n## Status: DONE\n",
                                                  "```",
                                                  "- ",
                                                  "`",
                                                  "+++\n",
                                                  "\r\n",
                                                  "### Task 2: x\n",
                                                  "\"\"\"",
                                                  " = "};
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = below(std::min<std::size_t>(text.size() - at, 200) + 1);
    switch (below(6)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(at, length));
        break;
      case 3:
        text.insert(at, bits.at(below(bits.size())));
        break;
      case 4:
        text.replace(at, length, bits.at(below(bits.size())));
        break;
      default: {
        const std::string& other = any_seed();
        text = text.substr(0, at) + other.substr(below(other.size() + 1));
      }
    }
  }

  const std::vector<std::string>& seeds_;
  std::mt19937 dice_;
};

}  // namespace

TEST_CASE("every reader survives mutated recordings and reads them the same in any pieces") {
  for (const fuzz::Target& target : fuzz::targets()) {
    INFO(target.name);
    const std::vector<std::string> seeds = seeds_of(target.name);
    REQUIRE_FALSE(seeds.empty());
    for (const std::string& seed : seeds)
      REQUIRE_NOTHROW(target.body(seed));
    REQUIRE(rc::check(target.name, [&] {
      Mutator mutator(seeds, *rc::gen::arbitrary<std::uint32_t>());
      for (int i = 0; i < 5; ++i)
        target.body(mutator.next());
    }));
  }
}

TEST_CASE("every reader survives arbitrary bytes") {
  for (const fuzz::Target& target : fuzz::targets()) {
    REQUIRE(rc::check(target.name, [&] {
      target.body(*rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
    }));
  }
}

TEST_CASE("what the canary does not survive is told") {
  CHECK_NOTHROW(fuzz::canary("lin\nli\n lim\n"));
  CHECK_THROWS(fuzz::canary("a\nlimit\n"));
}

TEST_CASE("a line over 16 MiB is passed over and counted, whoever reads it") {
  const std::string piece(std::size_t{1} << 20U, 'x');
  const std::string line = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n";
  const auto reader = konductor::agent::make_claude_stream();
  konductor::rpc::LineSplitter splitter;
  std::size_t lines = 0;
  const auto count = [&](std::string_view text) {
    CHECK(text.size() + 1 == line.size());
    ++lines;
  };
  for (int times = 0; times < 2; ++times) {
    for (int i = 0; i < 17; ++i) {
      reader->feed(piece);
      splitter.feed(piece, count);
    }
    reader->feed("\n" + line);
    splitter.feed("\n" + line, count);
  }
  CHECK(reader->skipped_lines() == 2);
  CHECK(splitter.skipped_lines() == 2);
  CHECK(lines == 2);
}
