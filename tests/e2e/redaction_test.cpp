// SPDX-License-Identifier: MIT
// Credentials that agents print and write down, and every place where they must not end up.
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <sstream>

#include "e2e/cli_scenario.hpp"

using Catch::Matchers::Contains;
using e2e::CliScenario;
using e2e::Ended;
using e2e::Words;

namespace {

namespace fs = std::filesystem;

// What is planted, and the part of it that stays the same however it is escaped.
const std::string kVariable = "Zq/7planted7\"x\\end";
const std::string kConfigured = "cfg-4f9a8b7c6d5e";
const std::string kToken = "ghp_Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2";
const std::string kKeyLine = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
const Words kTraces = {"7planted7", "4f9a8b7c6d5e", "Ab1Cd2Ef3Gh4", "MIIEvQIBADANB"};

// Everything at once, as a shell function.
const std::string kPrint = R"(
print_secrets() {
  env
  printf 'ghp_Ab1Cd2'
  printf 'Ef3Gh4Ij5Kl6Mn7Op8'
  printf 'Qr9St0Uv1Wx2\n'
  printf '%s\n' '-----BEGIN PRIVATE KEY-----' )" +
                           kKeyLine + " " + kKeyLine + R"( '-----END PRIVATE KEY-----'
  echo "Authorization: Bearer $CONFIGURED_TOKEN"
}
in_json() { printf %s "$1" | sed 's/[\\"]/\\&/g; s,/,\\/,g'; }
)";

void plant(CliScenario& scenario) {
  scenario.with_environment("PLANTED_API_KEY", kVariable);
  scenario.set("runtimes.claude.pass_env", R"(["FAKE_CLI_DIR", "PLANTED_API_KEY"])");
  scenario.set("runtimes.claude.env", "{ CONFIGURED_TOKEN = \"" + kConfigured + "\" }");
}

std::string bytes_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void require_clean(const std::string& what, const std::string& text) {
  INFO(what);
  for (const std::string& trace : kTraces) {
    const std::size_t at = text.find(trace);
    if (at != std::string::npos) UNSCOPED_INFO(text.substr(at < 200 ? 0 : at - 200, 400));
    CHECK(at == std::string::npos);
  }
}

// Every file below `.konductor` but the configuration, which a person wrote.
void require_clean_folder(const CliScenario& scenario) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(scenario.konductor())) {
    if (!entry.is_regular_file() || entry.path().filename() == "config.toml") continue;
    require_clean(entry.path().string(), bytes_of(entry.path()));
    ++count;
  }
  CHECK(count > 5);
}

bool has_trace(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && bytes_of(entry.path()).find(kTraces[0]) != std::string::npos)
      return true;
  return false;
}

}  // namespace

TEST_CASE("no credential that an agent prints or writes is written down") {
  CliScenario scenario("claude");
  plant(scenario);
  scenario.set("execution.max_crash_retries", "1");
  e2e::Plan plan;
  plan.tasks = {
      e2e::Task{"a task", "", "`env && echo $CONFIGURED_TOKEN && grep -q third p1t1.txt`"}};
  scenario.plan(plan);
  // Fails, and says why.
  scenario.turn(1, kPrint + R"sh(
print_secrets
print_secrets >&2
printf '{"type":"result","subtype":"error_during_execution","is_error":true,"result":"denied: %s"}\n' \
  "$(in_json "$PLANTED_API_KEY")"
exit 1
)sh");
  const std::string work = kPrint + R"sh(
print_secrets
print_secrets >&2
printf '{"type":"assistant","message":{"content":[{"type":"text","text":"%s"}]}}\n' \
  "$(in_json "$PLANTED_API_KEY")"
echo "work $KONDUCTOR_ATTEMPT" >p1t1.txt
git -c user.name=a -c user.email=a@b.c commit -qam "with $PLANTED_API_KEY" || true
{
  printf '## Status: DONE_WITH_CONCERNS\n\n## Concerns\n\n'
  printf -- '- [informational] the key is %s\n\n' "$PLANTED_API_KEY"
  printf '## Files Created\n\n- `p1t1.txt`\n\n'
  print_secrets
} >"$KONDUCTOR_OUTPUT"
)sh";
  scenario.turn(2, work + e2e::kClaudeSuccess);
  scenario.turn(3, work + "echo third >p1t1.txt\n" + e2e::kClaudeSuccess);
  const Ended ended = scenario.run({"execute", "01", "--events", "-", "-v"});
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK_THAT(ended.out, Contains("denied: [redacted:PLANTED_API_KEY]"));
  CHECK_THAT(ended.out, Contains("the key is [redacted:PLANTED_API_KEY]"));
  CHECK_THAT(ended.out, Contains("[redacted:CONFIGURED_TOKEN]"));
  require_clean("stdout", ended.out);
  require_clean("stderr", ended.err);
  CHECK_THAT(scenario.given("prompt", 3), Contains("[redacted:PLANTED_API_KEY]"));
  require_clean("prompt", scenario.given("prompt", 3));
  CHECK_THAT(scenario.plan_file("001-task-1-summary.md"), Contains("[redacted:GitHub token]"));
  require_clean_folder(scenario);
  for (const Words& command :
       {Words{"status", "01"}, Words{"status", "01", "--json"}, Words{"diff", "01/001/1"},
        Words{"log", "01"}, Words{"log", "01/001/1", "--attempt", "1", "--raw"},
        Words{"log", "01/001/1", "--attempt", "1", "--json"}, Words{"explain", "01/001/1"},
        Words{"show", "01/001/1"}, Words{"execute", "01", "--json"}}) {
    const Ended looked = scenario.run(command);
    require_clean(command.front(), looked.out + looked.err);
  }
  require_clean_folder(scenario);
}

TEST_CASE("what a killed engine left unredacted is redacted by the next run") {
  CliScenario scenario("claude");
  scenario.set("execution.on_engine_death", "\"stop\"");
  plant(scenario);
  scenario.turn(1, kPrint + R"(
print_secrets
print_secrets >&2
: >"$FAKE_CLI_DIR/printed"
sleep 1000
)");
  scenario.turn(2, std::string(R"(
echo work >p1t1.txt
printf '## Status: DONE\n\n## Files Created\n\n- `p1t1.txt`\n' >"$KONDUCTOR_OUTPUT"
)") + e2e::kClaudeSuccess);
  auto engine = scenario.start_execute();
  REQUIRE(
      scenario.wait_while_running([&] { return scenario.exists(scenario.folder() / "printed"); }));
  engine->send(SIGKILL);
  engine->wait();
  REQUIRE(has_trace(scenario.konductor() / "runs"));
  SECTION("execute goes on") {
    const Ended ended = scenario.execute();
    INFO(ended.err);
    REQUIRE(ended.exit == 0);
    require_clean("stderr", ended.err);
  }
  SECTION("rollback takes it back") {
    const Ended ended = scenario.run({"rollback", "01/001/1"});
    INFO(ended.err);
    REQUIRE(ended.exit == 0);
  }
  require_clean_folder(scenario);
}

TEST_CASE("a credential in what a person says to the next attempt is not recorded") {
  CliScenario scenario("claude");
  plant(scenario);
  scenario.turn(1, std::string(R"(
printf '## Status: BLOCKED\n\n## Blocker\n\nno key\n' >"$KONDUCTOR_OUTPUT"
)") + e2e::kClaudeSuccess);
  scenario.set("roles.assessor.enabled", "false");
  REQUIRE(scenario.execute().exit == 4);
  const Ended ended =
      scenario.run({"unblock", "01/001/1", "--context", "use " + kVariable + " or " + kToken});
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  require_clean("stdout", ended.out + ended.err);
  require_clean_folder(scenario);
}
