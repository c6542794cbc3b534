// SPDX-License-Identifier: MIT
#include "gates/secrets.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <string>

using namespace konductor::gates;
using Places = std::vector<SecretPlace>;

namespace {

// Put together here, so that this file holds no secret of any shape itself.
std::string letters(std::size_t count, std::string_view alphabet, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < count)
    text += alphabet[random() % alphabet.size()];
  return text;
}
constexpr std::string_view kAlphabet =
    "abcdefghijklmnopqrstuvwyzABCDEFGHIJKLMNOPQRSTUVWYZ123456789";
std::string mixed(std::size_t count, unsigned seed = 1) {
  return letters(count, kAlphabet, seed);
}
std::string upper(std::size_t count) {
  return letters(count, "ABCDEFGHIJKLMNOPQRSTUVWYZ234567");
}
std::string hex(std::size_t count) {
  return letters(count, "123456789abcdef");
}

const std::string kDashes = "-----";
std::string key_text(const std::string& label, const std::string& line_end, unsigned seed = 1) {
  return kDashes + "BEGIN " + label + kDashes + line_end + mixed(64, seed) + line_end +
         mixed(30, seed + 1) + "==" + line_end + kDashes + "END " + label + kDashes;
}

Places secrets_in(const std::string& text) {
  return find_new_secrets({{"a.txt", std::nullopt, text}});
}

struct Sample {
  std::string kind;
  std::string value;
};

std::vector<Sample> samples() {
  return {
      {"an AWS access key", "AKIA" + upper(16)},
      {"an AWS access key", "ASIA" + upper(16)},
      {"a GitHub token", "ghp_" + mixed(36)},
      {"a GitHub token", "gho_" + mixed(36)},
      {"a GitHub token", "github_pat_" + mixed(22) + "_" + mixed(59)},
      {"a GitLab token", "glpat-" + mixed(20)},
      {"a Slack token", "xoxb-" + letters(12, "123456789") + "-" + mixed(24)},
      {"a Slack token", "xoxp-" + letters(12, "123456789") + "-" + mixed(24)},
      {"a Google API key", "AIza" + mixed(35)},
      {"a Stripe key", "sk_live_" + mixed(24)},
      {"an npm token", "npm_" + mixed(36)},
      {"an OpenAI key", "sk-" + mixed(48)},
      {"an OpenAI key", "sk-proj-" + mixed(70)},
      {"an Anthropic key", "sk-ant-api03-" + mixed(90)},
      {"a Hugging Face token", "hf_" + mixed(34)},
      {"a DigitalOcean token", "dop_v1_" + hex(64)},
      {"a private key", key_text("PRIVATE KEY", "\n")},
      {"a private key", key_text("RSA PRIVATE KEY", "\r\n")},
      {"a private key", key_text("OPENSSH PRIVATE KEY", "\n")},
      {"a private key", key_text("EC PRIVATE KEY", "\\n")},
      {"a private key",
       kDashes + "BEGIN PGP PRIVATE KEY BLOCK" + kDashes + "\nVersion: 1\n\n" + mixed(64) + "\n"},
  };
}

}  // namespace

TEST_CASE("secrets of well-known shapes are found by line and kind") {
  for (const Sample& sample : samples()) {
    CAPTURE(sample.kind, sample.value);
    CHECK(secrets_in("one\ntwo = \"" + sample.value + "\"\nthree\n") ==
          Places{{"a.txt", 2, sample.kind}});
    CHECK(secrets_in(sample.value) == Places{{"a.txt", 1, sample.kind}});
  }
}

TEST_CASE("nothing that is told of a secret holds any of it") {
  for (const Sample& sample : samples())
    for (const SecretPlace& place : secrets_in("key: " + sample.value + "\n"))
      for (std::size_t at = 0; at + 12 <= sample.value.size(); ++at) {
        CHECK(place.kind.find(sample.value.substr(at, 12)) == std::string::npos);
        CHECK(place.path == "a.txt");
      }
}

TEST_CASE("what is only shaped alike is no secret") {
  const std::string text = GENERATE(
      as<std::string>{},
      "AKIAIOSFODNN7"
      "EXAMPLE",
      "AKIA" + upper(15), "AKIA" + upper(17), "xAKIA" + upper(16), "ghp_" + mixed(35),
      "ghp_" + std::string(36, 'x'), "ghp_ + token", "sk-" + mixed(20),
      "sk-learn-is-a-library-with-a-long-name-and-no-digits-at-all",
      "sk-ant-your-key-goes-here-and-nowhere-else", "desk-" + mixed(48), "AIza" + mixed(34),
      "sk_test_" + mixed(24), "glpat-your-token-here-please", "npm_config_registry",
      "npm_" + mixed(37), "-----BEGIN PRIVATE KEY-----", "-----BEGIN PUBLIC KEY-----\n" + mixed(64),
      "-----BEGIN CERTIFICATE-----\n" + mixed(64),
      "-----BEGIN RSA PRIVATE KEY-----\nMIIE...\n-----END RSA PRIVATE KEY-----",
      "if (text.find(\"-----BEGIN PRIVATE KEY-----\") == npos) return read_the_other_kind();");
  CAPTURE(text);
  CHECK(secrets_in("x = " + text + "\n").empty());
}

TEST_CASE("a secret that was there before is not the change's") {
  const std::string token = "ghp_" + mixed(36);
  SECTION("on another line") {
    CHECK(find_new_secrets({{"a", "x\n" + token + "\n", token + " # rotated yearly\n"}}).empty());
  }
  SECTION("in a file that was renamed") {
    CHECK(find_new_secrets({{"a", token, std::nullopt}, {"b", std::nullopt, token}}).empty());
  }
  SECTION("taken out") {
    CHECK(find_new_secrets({{"a", token, "x\n"}}).empty());
  }
  SECTION("beside a new one") {
    const std::string other = "ghp_" + mixed(36, 7);
    CHECK(find_new_secrets({{"a", token + "\n", token + "\n" + other + "\n"}}) ==
          Places{{"a", 2, "a GitHub token"}});
  }
  SECTION("a private key put in the place of another") {
    CHECK(find_new_secrets({{"k", key_text("PRIVATE KEY", "\n"), key_text("PRIVATE KEY", "\n", 5)}})
              .size() == 1);
  }
}

TEST_CASE("binary files are not looked through for secrets") {
  CHECK(secrets_in(std::string("\0\1", 2) + "ghp_" + mixed(36)).empty());
}
