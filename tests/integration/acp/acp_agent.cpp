// SPDX-License-Identifier: MIT
// An agent that speaks the Agent Client Protocol and does what its first argument says:
//
//   work    plays a role of a phase: writes files, or hands in a verdict
//   ask     asks for permission to edit inside and outside of the workspace, and to run a command
//   files   has the client write and read files
//   odd     sends what no client knows, noise and a line that is too long, then works
//   hollow  hands on a refused request as its message, as codex does
//   refuse  answers the prompt with an error; its second argument is the code
//   cut     ends in the middle of its answer
//   silent  does not answer the prompt, but a cancel
//   deaf    does not answer the prompt, a cancel or SIGTERM
//   stray   leaves a process behind
//   login   wants a login before it opens a session
//   old     speaks another version of the protocol
//   bare    offers no modes and no models, and does not know lost sessions
//   earless closes its input when it is asked for a session, and lives on
//   late    hands in its document at first, and does the work when its session is gone on with
//   brief   the same, but it cannot go on in sessions
//
// What it is sent is added to the file that ACP_AGENT_LOG names.
#include <sys/types.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

namespace {

using nlohmann::json;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

class Agent {
 public:
  Agent(std::string mode, int code) : mode_(std::move(mode)), code_(code) {}

  int serve() {
    write_file(variable("ACP_AGENT_LOG") + ".pids",
               std::to_string(::getppid()) + " " + std::to_string(::getpid()));
    json message;
    while (read(message))
      if (message.contains("method")) handle(message);
    return 0;
  }

 private:
  bool read(json& message) {
    std::string line;
    if (!std::getline(std::cin, line)) return false;
    std::ofstream(variable("ACP_AGENT_LOG"), std::ios::app) << line << "\n";
    message = json::parse(line);
    return true;
  }
  static void send(json message) {
    message["jsonrpc"] = "2.0";
    std::cout << message.dump() << "\n" << std::flush;
  }
  static void answer(const json& id, const json& result) { send({{"id", id}, {"result", result}}); }
  static void refuse(const json& id, int code, const std::string& text) {
    const json error = {{"code", code}, {"message", text}};
    send({{"id", id}, {"error", error}});
  }
  static void update(json what) {
    const json params = {{"sessionId", "s-1"}, {"update", std::move(what)}};
    send({{"method", "session/update"}, {"params", params}});
  }
  static void say(const std::string& text) {
    const json content = {{"type", "text"}, {"text", text}};
    update({{"sessionUpdate", "agent_message_chunk"}, {"content", content}});
  }
  static void call_tool(const std::string& title) {
    update({{"sessionUpdate", "tool_call"},
            {"toolCallId", "t-1"},
            {"title", title},
            {"kind", "edit"},
            {"status", "pending"}});
  }
  // Asks the client and waits for its answer.
  json ask(const std::string& method, const json& params) {
    send({{"id", ++last_id_}, {"method", method}, {"params", params}});
    json message;
    while (read(message))
      if (!message.contains("method") && message.value("id", json()) == json(last_id_))
        return message;
    std::exit(0);
  }
  std::string ask_permission(const std::string& kind, const std::string& path) {
    json call = {{"toolCallId", "p-" + kind + path}, {"title", kind + " " + path}, {"kind", kind}};
    const json location = {{"path", path}};
    if (!path.empty()) call["locations"] = json::array({location});
    const json always = {{"optionId", "o-1"}, {"name", "Always"}, {"kind", "allow_always"}};
    const json once = {{"optionId", "o-2"}, {"name", "Yes"}, {"kind", "allow_once"}};
    const json never = {{"optionId", "o-3"}, {"name", "No"}, {"kind", "reject_once"}};
    const json message =
        ask("session/request_permission", {{"sessionId", "s-1"},
                                           {"toolCall", call},
                                           {"options", json::array({always, once, never})}});
    return message.at("result").at("outcome").value("optionId", "none");
  }
  static std::string told(const json& message) {
    if (message.contains("error")) return std::to_string(message["error"]["code"].get<int>());
    return message["result"].dump();
  }

  void handle(const json& message) {
    const std::string method = message.at("method");
    const json& id = message.contains("id") ? message.at("id") : json();
    if (method == "initialize") {
      answer(id, initialize_result());
    } else if (method == "authenticate") {
      is_logged_in_ = true;
      answer(id, json::object());
    } else if (method == "session/new") {
      if (mode_ == "earless") ::close(STDIN_FILENO);
      if (mode_ == "login" && !is_logged_in_)
        refuse(id, -32000, "Authentication required");
      else
        answer(id, session());
      if (mode_ == "earless") ::pause();
    } else if (method == "session/load") {
      if (mode_ == "bare") {
        refuse(id, -32002, "no such session");
        return;
      }
      is_loaded_ = true;
      say("said long ago");
      answer(id, json());
    } else if (method == "session/prompt") {
      prompt_ = id;
      on_prompt();
    } else if (method == "session/cancel") {
      if (mode_ == "silent") answer(prompt_, {{"stopReason", "cancelled"}});
    } else {
      answer(id, json::object());
    }
  }

  json initialize_result() const {
    const json method = {{"id", "openai"}, {"name", "a key"}};
    const json capabilities = {{"loadSession", mode_ != "brief"}};
    const json info = {{"name", "scripted"}, {"version", "1"}};
    return {{"protocolVersion", mode_ == "old" ? 0 : 1},
            {"agentInfo", info},
            {"agentCapabilities", capabilities},
            {"authMethods", json::array({method})}};
  }
  json session() const {
    if (mode_ == "bare") return {{"sessionId", "s-1"}};
    json modes = json::array();
    for (const char* name : {"plan", "default", "yolo"})
      modes.push_back({{"id", name}, {"name", name}});
    json models = json::array();
    for (const char* name : {"small[low]", "house/large"})
      models.push_back({{"modelId", name}, {"name", name}});
    const json mode_state = {{"currentModeId", "yolo"}, {"availableModes", modes}};
    const json model_state = {{"currentModelId", "small"}, {"availableModels", models}};
    return {{"sessionId", "s-1"}, {"modes", mode_state}, {"models", model_state}};
  }

  void end_turn() const {
    const json cost = {{"amount", 0.25}, {"currency", "USD"}};
    update({{"sessionUpdate", "usage_update"}, {"used", 1}, {"size", 2}, {"cost", cost}});
    const json usage = {{"inputTokens", 100}, {"outputTokens", 20}, {"cachedReadTokens", 7}};
    answer(prompt_, {{"stopReason", "end_turn"}, {"usage", usage}});
  }

  void on_prompt() {
    if (mode_ == "refuse") {
      refuse(prompt_, code_, "Internal error: it is refused");
    } else if (mode_ == "hollow") {
      say(R"({"error": {"message": "scripted bad request"}})");
      answer(prompt_, {{"stopReason", "end_turn"}, {"usage", nullptr}});
    } else if (mode_ == "cut") {
      say("it begins");
      std::exit(3);
    } else if (mode_ == "deaf") {
      std::signal(SIGTERM, SIG_IGN);
      say("deaf from now on");
      while (true)
        ::pause();
    } else if (mode_ == "silent") {
      say("silent from now on");
    } else {
      do_work();
      end_turn();
    }
  }

  void do_work() {
    if (mode_ == "ask") {
      std::string answers = ask_permission("edit", "inside.txt");
      answers += " " + ask_permission("edit", "../outside.txt");
      answers += " " + ask_permission("execute", "");
      answers += " " + ask_permission("edit", variable("KONDUCTOR_OUTPUT"));
      say(answers + " " + ask_permission("read", "/etc/hosts"));
    } else if (mode_ == "files") {
      const std::string folder = variable("ACP_AGENT_FOLDER");
      const json inside = {{"path", folder + "/new/file.txt"}, {"content", "one\ntwo\nthree\n"}};
      std::string answers = told(ask("fs/write_text_file", inside));
      const json outside = {{"path", folder + "/link/file.txt"}, {"content", "x"}};
      answers += " " + told(ask("fs/write_text_file", outside));
      const json part = {{"path", folder + "/new/file.txt"}, {"line", 2}, {"limit", 1}};
      answers += " " + told(ask("fs/read_text_file", part));
      const json missing = {{"path", folder + "/missing"}};
      answers += " " + told(ask("fs/read_text_file", missing));
      say(answers + " " + told(ask("fs/read_text_file", {{"path", "/etc/hosts"}})));
    } else if (mode_ == "odd") {
      std::cout << "this is no JSON\n{\"type\":\"result\",\"success\":true}\n[1]\n";
      std::cout << R"({"method":"x","pad":")" << std::string(17U << 20U, 'x') << "\"}\n";
      send({{"method", "_own/news"}, {"params", json::array()}});
      update({{"sessionUpdate", "never_heard_of"}});
      say("it said " + told(ask("craft/drainMidTurnQueue", json::object())));
    } else if (mode_ == "stray") {
      leave_a_process();
      play_role();
    } else if (mode_ == "work" || mode_ == "silent") {
      play_role();
    } else if (mode_ == "late" || mode_ == "brief") {
      const bool is_fix = variable("KONDUCTOR_ATTEMPT") != "1";
      if (is_fix && is_loaded_ == (mode_ == "late"))
        play_role();
      else
        hand_in("");
    } else {
      call_tool("nothing");
      say("done");
    }
  }

  // In a session of its own, as the tools of real agents are.
  static void leave_a_process() {
    const pid_t child = ::fork();
    if (child != 0) {
      write_file(variable("ACP_AGENT_LOG") + ".stray", std::to_string(child));
      return;
    }
    ::setsid();
    ::execlp("sleep", "sleep", "3600", nullptr);
    std::_Exit(127);
  }

  void play_role() {
    say("I look at it.");
    call_tool("look");
    if (variable("KONDUCTOR_ROLE") != "executor") {
      say("## Verdict: pass\n\n");
      say("## Findings\n\nNone.\n");
      return;
    }
    call_tool("write");
    const std::string file =
        "p" + variable("KONDUCTOR_PLAN") + "t" + variable("KONDUCTOR_TASK") + ".txt";
    if (ask_permission("edit", file) != "o-2") return;
    write_file(file, "work\n");
    const std::string output = variable("KONDUCTOR_OUTPUT");
    if (ask_permission("edit", output) != "o-2") return;
    hand_in("## Files Created\n\n- `" + file + "`\n");
  }

  static void hand_in(const std::string& files) {
    write_file(variable("KONDUCTOR_OUTPUT"), "## Status: DONE\n\n" + files);
    say("Done.");
  }

  std::string mode_;
  int code_;
  bool is_logged_in_ = false;
  bool is_loaded_ = false;
  json prompt_;
  int last_id_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  return Agent(argc > 1 ? argv[1] : "", argc > 2 ? std::atoi(argv[2]) : 0).serve();
}
