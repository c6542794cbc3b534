// SPDX-License-Identifier: MIT
// What no text and no secret can make a redactor do.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/redactor.hpp"
#include "base/text.hpp"

using namespace konductor;
using nlohmann::json;

namespace {

using Secrets = std::vector<konductor::SecretValue>;

// Of what secrets and their surroundings consist: mostly what is special to somebody.
const std::vector<std::string> kBits = {"a",
                                        "n",
                                        "u",
                                        "0",
                                        "4",
                                        "1",
                                        "\"",
                                        "\\",
                                        "/",
                                        "\\/",
                                        "\\\\/",
                                        "{",
                                        "}",
                                        ":",
                                        ",",
                                        " ",
                                        "\n",
                                        "-",
                                        "ü",
                                        "\xF0\x9F\x98\x80",
                                        "Bearer ",
                                        "sk-",
                                        "gh",
                                        "\\n",
                                        "\\u00",
                                        "\\\"",
                                        "\x1b[31m",
                                        "-----BEGIN ",
                                        "PRIVATE KEY-----\n",
                                        "ghp_",
                                        "Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2",
                                        "Authorization: ",
                                        "abcdef0123456789",
                                        "-----BEGIN RSA PRIVATE KEY-----\n",
                                        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
                                        "\xFF"};

std::string any_text() {
  std::string text;
  for (const std::string& bit :
       *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kBits)))
    text += bit;
  return text;
}

// No character of it is one that a mark has.
std::string any_secret() {
  static const std::vector<std::string> bits = {"q",  "Q",  "7", "/", "\"",
                                                "\\", "\n", "ü", "n", "u"};
  const auto length = *rc::gen::inRange<std::size_t>(8, 20);
  std::string text = "q7";
  while (count_code_points(text) < length)
    text += *rc::gen::elementOf(bits);
  return text;
}

std::string fed_in_pieces(const Redactor& redactor, std::string_view text) {
  RedactingStream stream(redactor);
  std::string out;
  while (!text.empty()) {
    const auto size = *rc::gen::inRange<std::size_t>(1, text.size() + 1);
    stream.feed(text.substr(0, size), out);
    text.remove_prefix(size);
    RC_ASSERT(stream.held_bytes() <= RedactingStream::kHeldBytesMax);
  }
  stream.finish(out);
  return out;
}

std::string written_into_json(std::string text, int levels) {
  for (int i = 0; i < levels; ++i) {
    const bool is_ascii = *rc::gen::arbitrary<bool>();
    text = json(text).dump(-1, ' ', is_ascii);
  }
  return text;
}

}  // namespace

TEST_CASE("what a redactor makes of a text does not depend on its pieces") {
  REQUIRE(rc::check([] {
    const std::string secret = any_secret();
    const Redactor redactor(Secrets{{"SECRET_ONE", secret}, {"SECRET_TWO", any_secret()}});
    const std::string text =
        any_text() + secret + any_text() + written_into_json(secret, 1) + any_text();
    const std::string whole = redactor.redact(text);
    RC_ASSERT(fed_in_pieces(redactor, text) == whole);
    std::string by_byte;
    RedactingStream stream(redactor);
    for (const char c : text)
      stream.feed(std::string_view(&c, 1), by_byte);
    stream.finish(by_byte);
    RC_ASSERT(by_byte == whole);
  }));
}

TEST_CASE("no secret is left, and a line of JSON stays one") {
  REQUIRE(rc::check([] {
    const std::string secret = any_secret();
    const Redactor redactor(Secrets{{"A_SECRET", secret}});
    const auto levels = *rc::gen::inRange(0, 3);
    const std::string inner =
        written_into_json(to_valid_utf8(any_text() + secret + any_text()), levels);
    const std::string text = json{{"type", "x"}, {"text", inner}, {"end", true}}.dump();
    const std::string clean = redactor.redact(text);
    RC_ASSERT(json::accept(clean));
    RC_ASSERT(json::parse(clean).at("end") == true);
    RC_ASSERT(clean.find(secret) == std::string::npos);
    const std::string told = json::parse(clean).at("text").get<std::string>();
    RC_ASSERT(told.find(secret) == std::string::npos);
    // A mark may be a line of what stands around it as the secret was not.
    if (text.find("PRIVATE") == std::string::npos) RC_ASSERT(redactor.redact(clean) == clean);
  }));
}

TEST_CASE("a text without secrets stays as it is") {
  REQUIRE(rc::check([] {
    const Redactor redactor(Secrets{{"A_SECRET", "not-in-the-text-1"}});
    const std::string text = any_text();
    const std::string clean = redactor.redact(text);
    RC_ASSERT(redactor.has_secret(text) == (clean != text));
    if (text.find("PRIVATE") == std::string::npos && text.find("earer") == std::string::npos &&
        text.find("uthor") == std::string::npos && text.find("gh") == std::string::npos &&
        text.find("sk-") == std::string::npos)
      RC_ASSERT(clean == text);
  }));
}
