// SPDX-License-Identifier: MIT
// The built konductor-acp with a scripted agent.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "agent/agent_stream.hpp"
#include "support/spawn.hpp"

using Catch::Matchers::Contains;
using konductor::agent::make_acp_stream;
using konductor::agent::StreamReport;
using konductor::test::RunningProgram;
using konductor::test::RunOptions;
using konductor::test::RunResult;
using konductor::test::TempDir;
using nlohmann::json;

namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

class Session {
 public:
  explicit Session(std::string mode) : mode_(std::move(mode)) {
    fs::create_directories(workspace());
    fs::create_directories(folder_ / "outside");
    options_.directory = workspace();
    options_.input = "the prompt";
    options_.environment = {{"ACP_AGENT_LOG", folder_ / "log"},
                            {"ACP_AGENT_FOLDER", workspace()},
                            {"KONDUCTOR_OUTPUT", folder_ / "output.md"}};
    options_.unset = {"OPENAI_API_KEY", "GEMINI_API_KEY"};
  }
  fs::path workspace() const { return folder_ / "workspace"; }
  fs::path folder() const { return folder_.path(); }
  void set(const std::string& name, const std::string& value) {
    options_.environment.emplace_back(name, value);
  }
  std::unique_ptr<RunningProgram> start(const Words& options = {}) const {
    Words argv = {std::string(KONDUCTOR_BINARY_DIR) + "/konductor-acp"};
    argv.insert(argv.end(), options.begin(), options.end());
    argv.insert(argv.end(), {"--", KONDUCTOR_ACP_AGENT, mode_});
    if (!code.empty()) argv.push_back(code);
    return std::make_unique<RunningProgram>(argv, options_);
  }
  RunResult run(const Words& options = {}) const {
    return start(options)->wait(std::chrono::seconds(60));
  }
  // What the agent was sent.
  std::vector<json> sent() const { return lines_of(konductor::test::read_file(folder_ / "log")); }
  json params_of(const std::string& method) const {
    for (const json& message : sent())
      if (message.value("method", "") == method) return message.at("params");
    return nullptr;
  }
  static std::vector<json> lines_of(const std::string& text) {
    std::vector<json> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
      lines.push_back(json::parse(line));
    return lines;
  }
  std::string code;

 private:
  TempDir folder_;
  std::string mode_;
  RunOptions options_;
};

const Words kWriter = {"--allow-write", "--allow-shell"};

json result_of(const RunResult& ended) {
  const json last = Session::lines_of(ended.out).back();
  REQUIRE(last.at("type") == "result");
  return last;
}

StreamReport report_of(const RunResult& ended) {
  const auto stream = make_acp_stream();
  stream->feed(ended.out);
  return stream->finish();
}

void wait_for_output(const RunningProgram& program, const std::string& text) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (program.out().find(text) == std::string::npos) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::yield();
  }
}

}  // namespace

TEST_CASE("acp: a turn that ends well is told with its message, usage and session") {
  const Session session("plain");
  const RunResult ended = session.run(kWriter);
  INFO(ended.out << ended.err);
  CHECK(ended.exit_code == 0);
  const json result = result_of(ended);
  CHECK(result.at("success") == true);
  CHECK(result.at("stop_reason") == "end_turn");
  CHECK(result.at("message") == "done");
  CHECK(result.at("session_id") == "s-1");
  CHECK(result.at("usage").at("input_tokens") == 100);
  CHECK(result.at("cost_usd") == 0.25);
  CHECK(session.params_of("session/new").at("cwd") == session.workspace().string());
  CHECK(session.params_of("session/prompt").at("prompt").at(0).at("text") == "the prompt");
  CHECK(report_of(ended).end == StreamReport::End::success);
}

TEST_CASE("acp: the mode is always set, by what the role may") {
  const auto [options, mode] = GENERATE(table<Words, std::string>({
      {{"--allow-write", "--allow-shell"}, "default"},
      {{"--allow-shell"}, "default"},
      {Words(), "plan"},
  }));
  const Session session("plain");
  CHECK(session.run(options).exit_code == 0);
  CHECK(session.params_of("session/set_mode").at("modeId") == mode);
}

TEST_CASE("acp: a model is chosen under the agent's name for it") {
  const auto [model, name] = GENERATE(table<std::string, std::string>({
      {"small", "small[low]"},
      {"large", "house/large"},
      {"other", "other"},
  }));
  const Session session("plain");
  CHECK(session.run({"--model", model}).exit_code == 0);
  CHECK(session.params_of("session/set_model").at("modelId") == name);
}

TEST_CASE("acp: permission is given by what the role may, and only once") {
  const auto [options, answers] = GENERATE(table<Words, std::string>({
      // Inside, outside, a command, the document, reading.
      {{"--allow-write", "--allow-shell"}, "o-2 o-3 o-2 o-2 o-2"},
      {{"--allow-write"}, "o-2 o-3 o-3 o-2 o-2"},
      {{"--allow-shell"}, "o-3 o-3 o-2 o-2 o-2"},
      {Words(), "o-3 o-3 o-3 o-2 o-2"},
  }));
  const Session session("ask");
  const RunResult ended = session.run(options);
  CHECK(result_of(ended).at("message") == answers);
}

TEST_CASE("acp: files are served inside of the workspace only") {
  const Session session("files");
  fs::create_directory_symlink(session.folder() / "outside", session.workspace() / "link");
  SECTION("to a role that may write") {
    const RunResult ended = session.run(kWriter);
    CHECK(result_of(ended).at("message") == R"({} -32602 {"content":"two\n"} -32002 -32602)");
    CHECK(konductor::test::read_file(session.workspace() / "new/file.txt") == "one\ntwo\nthree\n");
  }
  SECTION("and not written for one that may not") {
    const RunResult ended = session.run();
    CHECK(result_of(ended).at("message") == "-32602 -32602 -32002 -32002 -32602");
    CHECK_FALSE(fs::exists(session.workspace() / "new"));
  }
  CHECK(fs::is_empty(session.folder() / "outside"));
}

TEST_CASE("acp: what a client does not know does not stop it") {
  const Session session("odd");
  const RunResult ended = session.run(kWriter);
  CHECK(ended.exit_code == 0);
  CHECK(result_of(ended).at("message") == "it said -32601");
  CHECK(ended.out.size() < 10000);
}

TEST_CASE("acp: a refused request is a failure, however it is told") {
  const auto [mode, code, cause] = GENERATE(table<std::string, std::string, std::string>({
      {"hollow", "", ""},
      {"refuse", "-32603", ""},
      {"refuse", "429", "quota"},
      {"refuse", "-32000", "auth"},
      {"refuse", "503", "overloaded"},
      {"old", "", ""},
  }));
  Session session(mode);
  session.code = code;
  const RunResult ended = session.run(kWriter);
  CHECK(ended.exit_code == 1);
  const StreamReport report = report_of(ended);
  CHECK(report.end == StreamReport::End::failure);
  CHECK(report.cause == cause);
  CHECK_FALSE(report.detail.empty());
  CHECK(report.message.empty());
}

TEST_CASE("acp: an agent that ends in the middle fails, and it is said how") {
  const RunResult ended = Session("cut").run(kWriter);
  CHECK(ended.exit_code == 1);
  CHECK(result_of(ended).at("error").at("message") ==
        "the agent ended with exit 3 before it answered");
}

TEST_CASE("acp: a program that is not there fails at once") {
  const RunResult ended = konductor::test::run_program(
      {std::string(KONDUCTOR_BINARY_DIR) + "/konductor-acp", "--", "/does/not/exist"});
  CHECK(ended.exit_code == 1);
  CHECK_THAT(result_of(ended).at("error").at("message").get<std::string>(),
             Contains("/does/not/exist"));
}

TEST_CASE("acp: a login with a key of the environment") {
  Session session("login");
  SECTION("is done when the agent wants it") {
    session.set("OPENAI_API_KEY", "dummy");
    CHECK(session.run(kWriter).exit_code == 0);
    CHECK(session.params_of("authenticate").at("methodId") == "openai");
  }
  SECTION("is missing") {
    const RunResult ended = session.run(kWriter);
    CHECK(ended.exit_code == 1);
    CHECK(report_of(ended).cause == "auth");
  }
}

TEST_CASE("acp: a session is gone on with, and what it said before does not count") {
  const Session session("plain");
  const RunResult ended = session.run({"--session", "s-1"});
  CHECK(ended.exit_code == 0);
  CHECK(session.params_of("session/load").at("sessionId") == "s-1");
  CHECK(session.params_of("session/new").is_null());
  CHECK(result_of(ended).at("message") == "done");
}

TEST_CASE("acp: an agent that closes its input and lives on is ended at once") {
  const RunResult ended = Session("earless").run(kWriter);
  CHECK(ended.exit_code == 1);
  CHECK(result_of(ended).at("error").at("message") ==
        "the agent closed its input before it answered");
}

TEST_CASE("acp: a session that is lost is begun anew, with the whole prompt") {
  const Session session("bare");
  std::ofstream(session.folder() / "whole.md") << "all of it";
  const RunResult ended =
      session.run({"--session", "s-0", "--whole-prompt", session.folder() / "whole.md"});
  CHECK(ended.exit_code == 0);
  CHECK(session.params_of("session/prompt").at("prompt").at(0).at("text") == "all of it");
  CHECK_THAT(ended.out, Contains(R"("type":"warning")") && Contains("s-0"));
  CHECK(result_of(ended).at("session_id") == "s-1");
  CHECK(session.params_of("session/set_mode").is_null());
}

TEST_CASE("acp: a signal cancels by protocol first") {
  const auto [signal, status] = GENERATE(table<int, int>({{SIGTERM, 143}, {SIGINT, 130}}));
  const Session session("silent");
  const auto program = session.start(kWriter);
  wait_for_output(*program, "silent from now on");
  program->kill(signal);
  const RunResult ended = program->wait(std::chrono::seconds(60));
  CHECK(ended.exit_code == status);
  CHECK(result_of(ended).at("stop_reason") == "cancelled");
  CHECK(session.params_of("session/cancel").at("sessionId") == "s-1");
}

TEST_CASE("acp: an agent that hears nothing is killed") {
  const Session session("deaf");
  Words options = kWriter;
  options.insert(options.end(), {"--grace-ms", "50"});
  const auto program = session.start(options);
  wait_for_output(*program, "deaf from now on");
  program->kill(SIGTERM);
  program->kill(SIGTERM);
  const RunResult ended = program->wait(std::chrono::seconds(60));
  CHECK(ended.exit_code == 143);
  CHECK(result_of(ended).at("error").at("message") == "interrupted");
}

TEST_CASE("acp: a wrong command line is told") {
  const Words words = GENERATE(Words{}, Words{"--"}, Words{"--what", "--", "x"}, Words{"--model"},
                               Words{"--grace-ms", "soon", "--", "x"});
  Words argv = {std::string(KONDUCTOR_BINARY_DIR) + "/konductor-acp"};
  argv.insert(argv.end(), words.begin(), words.end());
  const RunResult ended = konductor::test::run_program(argv);
  CHECK(ended.exit_code == 64);
  CHECK_THAT(ended.err, Contains("konductor-acp: error: "));
}
