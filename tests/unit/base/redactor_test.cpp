// SPDX-License-Identifier: MIT
#include "base/redactor.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using konductor::is_secret_name;
using konductor::is_telling_value;
using konductor::RedactingStream;
using konductor::Redactor;
using konductor::secrets_of_environment;
using konductor::SecretValue;
using nlohmann::json;

namespace {

using Secrets = std::vector<konductor::SecretValue>;

const std::string kKey = "Zq7-planted/value\"x9\\end";
const std::string kToken = "ghp_" + std::string("Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2");
const std::string kKeyLine = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";

const Redactor& redactor() {
  static const Redactor one(Secrets{{"SOME_KEY", kKey}});
  return one;
}

std::string redacted(const std::string& text) {
  return redactor().redact(text);
}

}  // namespace

TEST_CASE("names of variables that hold secrets") {
  for (const char* name :
       {"ANTHROPIC_API_KEY", "GH_TOKEN", "DB_PASSWORD", "MY_SECRET_1", "AWS_SECRET_ACCESS_KEY",
        "apikey", "GOOGLE_CREDENTIALS", "NPM_TOKENS", "DB_PWD"})
    CHECK(is_secret_name(name));
  for (const char* name : {"PATH", "KEYBOARD", "KEYCLOAK_URL", "HOME", "LANG", "PWD", "OLDPWD"})
    CHECK_FALSE(is_secret_name(name));
}

TEST_CASE("values that are words, paths, numbers or short are no secrets") {
  for (const char* value : {"", "short", "production", "Production", "us-east-1", "1234567890",
                            "/home/user/.ssh/id_rsa", "~/.config/gcloud/key-4f2a9b.json",
                            "https://api.example.com/v1", "prod/database/password", "true"})
    CHECK_FALSE(is_telling_value(value));
  for (const char* value : {"hunter2hunter2", "abcd1234efgh", "correct horse battery staple",
                            "wJalrXUtnFEMI/K7MDENG+bPxRfiCY", "/9sJalrXUtnFEMIK7MDENGbPxRfiCY99"})
    CHECK(is_telling_value(value));
}

TEST_CASE("secrets come from names that say so, and from addresses with a password") {
  const auto secrets = secrets_of_environment(
      {"PATH=/usr/bin:/bin", "API_KEY=q1w2e3r4t5", "OTHER_KEY=q1w2e3r4t5", "STAGE_KEY=production",
       "DATABASE_URL=postgres://me:p4ss-w0rd-9@db/x", "broken"});
  CHECK(secrets ==
        std::vector<SecretValue>{{"API_KEY", "q1w2e3r4t5"}, {"DATABASE_URL", "p4ss-w0rd-9"}});
}

TEST_CASE("a value is replaced however often it was written into JSON strings") {
  std::string text = "it says " + kKey + ".";
  for (int level = 0; level <= 3; ++level) {
    INFO(text);
    std::string clean = redacted(text);
    CHECK(clean.find("planted") == std::string::npos);
    for (int i = 0; i < level; ++i)
      clean = json::parse(clean).get<std::string>();
    CHECK(clean == "it says [redacted:SOME_KEY].");
    text = json(text).dump();
  }
}

TEST_CASE("a value is found with characters written by number, and with escaped slashes") {
  CHECK(redacted(R"({"a":"\u005aq7-planted\/value\u0022x9\u005Cend"})") ==
        R"({"a":"[redacted:SOME_KEY]"})");
  const Redactor umlaut(Secrets{{"PASSWORD", "süß-geheim-1"}});
  CHECK(umlaut.redact(R"("s\u00fc\u00DF-geheim-1" süß-geheim-1)") ==
        R"("[redacted:PASSWORD]" [redacted:PASSWORD])");
}

TEST_CASE("no escape is left in two halves") {
  const Redactor one(Secrets{{"K", "nabcdefgh12"}, {"L", "41zyxwvu98"}, {"M", "qqqqqqq99\\"}});
  CHECK(one.redact(R"({"a":"x\nabcdefgh12"})") == R"({"a":"x[redacted:K]"})");
  CHECK(one.redact(R"({"a":"x\\nabcdefgh12"})") == R"({"a":"x\\[redacted:K]"})");
  CHECK(one.redact(R"({"a":"x\u0041zyxwvu98"})") == R"({"a":"x[redacted:L]"})");
  CHECK(json::accept(one.redact(R"({"a":"qqqqqqq99\"b"})")));
}

TEST_CASE("a value that is JSON is replaced by a string where it stands for itself") {
  const Redactor one(Secrets{{"GOOGLE_CREDENTIALS", R"({"id":"a1b2c3d4"})"}});
  CHECK(one.redact(R"({"c":{"id":"a1b2c3d4"},"d":"{\"id\":\"a1b2c3d4\"}"})") ==
        R"({"c":"[redacted:GOOGLE_CREDENTIALS]","d":"[redacted:GOOGLE_CREDENTIALS]"})");
}

TEST_CASE("tokens of well-known shapes are replaced, in events and in colour too") {
  CHECK(redacted("token=" + kToken + ";") == "token=[redacted:GitHub token];");
  CHECK(redacted(R"({"a":"\n)" + kToken + R"("})") == R"({"a":"\n[redacted:GitHub token]"})");
  CHECK(redacted("\x1b[1;31m" + kToken) == "\x1b[1;31m[redacted:GitHub token]");
  CHECK(redacted("AKIAIOSFODNN7EXAMPLE") == "AKIAIOSFODNN7EXAMPLE");
  CHECK(redacted("xghp_" + kToken.substr(4)) == "xghp_" + kToken.substr(4));
}

TEST_CASE("credentials of HTTP headers are replaced") {
  for (const char* begin : {"Authorization: Bearer ", "authorization: basic ",
                            R"({"Authorization":"Bearer )", R"(\"authorization\": \"Bearer )"})
    CHECK(redacted(std::string(begin) + "Zm9vYmFyMTIz\"") ==
          begin + std::string("[redacted:credential]\""));
  CHECK(redacted("Bearer abcdefghij0123456789") == "Bearer [redacted:credential]");
  for (const char* text :
       {"Authorization: Bearer $TOKEN", "the bearer authenticates himself",
        "Authorization: Bearer YOUR_TOKEN_HERE", "authorization is checked",
        "tests/authorization/test_oauth2_flow.py", "AuthorizationServiceV2ConfigurationTest",
        "the forbearer 0123456789abcdefghij", "authorization test_of_the_oauth2_flow_x"})
    CHECK(redacted(text) == text);
}

TEST_CASE("a credential is one wherever its text is cut") {
  const std::string text =
      R"("Authorization: Bearer abcd1234\/efgh\\/ijkl","Bearer abcd\/efghijklmnop0123\"")";
  const std::string whole = redacted(text);
  CHECK(whole ==
        R"("Authorization: Bearer [redacted:credential]","Bearer [redacted:credential]\"")");
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    RedactingStream stream(redactor());
    std::string out;
    stream.feed(std::string_view(text).substr(0, cut), out);
    stream.feed(std::string_view(text).substr(cut), out);
    stream.finish(out);
    CHECK(out == whole);
  }
}

TEST_CASE("private keys are replaced line by line, in whatever string they stand") {
  const std::string begin = "-----BEGIN RSA PRIVATE KEY-----\n";
  const std::string end = "-----END RSA PRIVATE KEY-----\n";
  const std::string key = begin + kKeyLine + "\n" + kKeyLine + "\nab==\n" + end;
  const std::string mark = "[redacted:private key]\n";
  CHECK(redacted(key) == begin + mark + mark + mark + end);
  const std::string event = json{{"out", key}, {"next", "x"}}.dump();
  CHECK(json::parse(redacted(event)) ==
        json{{"out", begin + mark + mark + mark + end}, {"next", "x"}});
  const std::string cut = json{{"out", begin + kKeyLine}, {"then", kKeyLine}}.dump();
  const json clean = json::parse(redacted(cut));
  CHECK(clean["out"] == begin + "[redacted:private key]");
  const std::string header = "if (line == \"-----BEGIN PRIVATE KEY-----\") return parse(rest);";
  CHECK(redacted(header) == header);
}

TEST_CASE("of secrets that overlap nothing is left") {
  const Redactor one(
      Secrets{{"A", "abcdefgh1234"}, {"B", "1234wxyz9999"}, {"C", "abcdefgh1234wx"}});
  CHECK(one.redact("-abcdefgh1234wxyz9999-").find("wx") == std::string::npos);
  CHECK(one.redact("-abcdefgh1234-") == "-[redacted:A]-");
}

TEST_CASE("a secret is found in the header of a key, and one right behind another") {
  const std::string mark = "[redacted:private key]";
  const std::string in_header = "-----BEGIN PRIVATE KEY-----\nAuthorization: Basic Zm9vYmFyMTIz\n" +
                                kKeyLine + "\n-----END PRIVATE KEY-----\n";
  CHECK(redacted(in_header) == "-----BEGIN PRIVATE KEY-----\nAuthorization: Basic " + mark + "\n" +
                                   mark + "\n-----END PRIVATE KEY-----\n");
  const Redactor one(Secrets{{"PASSWORD", "q7Q7x9x9"}});
  CHECK(one.redact("-----BEGIN q7Q7x9x9 PRIVATE KEY-----\n" + kKeyLine + "\n") ==
        "-----BEGIN " + mark + " PRIVATE KEY-----\n" + mark + "\n");
  CHECK(redacted(kKey + kToken) == "[redacted:SOME_KEY][redacted:GitHub token]");
}

TEST_CASE("only what may begin a secret is held back") {
  RedactingStream stream(redactor());
  std::string out;
  stream.feed("a line\nZq7-pla", out);
  CHECK(out == "a line\n");
  stream.feed("ted", out);
  CHECK(out == "a line\nZq7-plated");
  stream.feed("\nZq7-planted/value\"x9\\", out);
  stream.feed("end\n and more", out);
  CHECK(out == "a line\nZq7-plated\n[redacted:SOME_KEY]\n and more");
  CHECK(stream.has_found());
}
