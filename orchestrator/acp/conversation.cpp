// SPDX-License-Identifier: MIT
#include "acp/conversation.hpp"

#include <utility>

#include "base/text.hpp"

namespace konductor::acp {
namespace {

constexpr int kProtocolVersion = 1;
constexpr int kLoginNeeded = -32000;

std::string step_text(const std::string& what, const rpc::Failure& failure) {
  std::string text = failure.message;
  // What really happened may stand beside a general message.
  for (const char* key : {"details", "message"})
    if (const std::string more = text_at(failure.data, key); !more.empty()) text += ": " + more;
  // opencode's name of the error, of which "APIError" says nothing.
  const std::string name = text_at(failure.data, "errorName");
  if (!name.empty() && name != "APIError") text += ": " + name;
  if (failure.data.is_string()) text += ": " + failure.data.get<std::string>();
  return what.empty() ? text : what + ": " + text;
}

}  // namespace

std::string result_line(const Ending& ending) {
  Json line = {{"type", "result"},
               {"success", ending.is_success},
               {"stop_reason", ending.stop_reason},
               {"session_id", ending.session_id},
               {"can_resume", ending.can_resume},
               {"message", ending.message}};
  Json usage = Json::object();
  if (ending.usage.is_known)
    usage = {{"input_tokens", ending.usage.input_tokens},
             {"output_tokens", ending.usage.output_tokens},
             {"cache_read_tokens", ending.usage.cache_read_tokens}};
  line["usage"] = std::move(usage);
  line["cost_usd"] = ending.usage.cost_usd;
  if (!ending.is_success) line["error"] = {{"code", ending.code}, {"message", ending.error}};
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Conversation::Conversation(Order order) : order_(std::move(order)) {}

Call Conversation::begin() const {
  const Json files = {{"readTextFile", order_.offers_files},
                      {"writeTextFile", order_.offers_files}};
  const Json capabilities = {{"fs", files}, {"terminal", false}};
  const Json client = {{"name", "konductor"}, {"version", KONDUCTOR_VERSION}};
  return {"initialize",
          {{"protocolVersion", kProtocolVersion},
           {"clientInfo", client},
           {"clientCapabilities", capabilities}}};
}

std::optional<Call> Conversation::answered(const rpc::Outcome& answer) {
  if (answer.failure) return on_failure(*answer.failure);
  switch (step_) {
    case Step::initialize:
      return after_initialize(answer.result);
    case Step::login:
      return open_session();
    case Step::open:
      return after_open(answer.result);
    case Step::mode:
      return after_mode();
    case Step::model:
      return prompt_call();
    case Step::prompt:
      on_end(answer.result);
      return std::nullopt;
    case Step::over:
      break;
  }
  return std::nullopt;
}

std::optional<Call> Conversation::after_initialize(const Json& result) {
  const std::int64_t version = count_at(result, "protocolVersion");
  if (version != kProtocolVersion) {
    fail("the agent speaks version " + std::to_string(version) +
         " of the Agent Client Protocol, not 1");
    return std::nullopt;
  }
  const Json& capabilities = object_at(result, "agentCapabilities");
  offers_load_ = capabilities.value("loadSession", Json()) == Json(true);
  login_ = choose_login(list_at(result, "authMethods"), order_.has_variable);
  // Gemini CLI takes a key from the environment only when it is told to; others do by themselves.
  const std::string name = to_lower(text_at(object_at(result, "agentInfo"), "name"));
  const bool must_log_in = name.find("gemini") != std::string::npos;
  if (!must_log_in || login_.empty()) return open_session();
  step_ = Step::login;
  has_logged_in_ = true;
  return Call{"authenticate", {{"methodId", login_}}};
}

Call Conversation::open_session() {
  step_ = Step::open;
  is_loaded_ = !order_.session.empty() && offers_load_;
  if (!is_loaded_) return open_anew();
  session_id_ = order_.session;
  return {"session/load",
          {{"sessionId", session_id_},
           {"cwd", order_.rights.workspace},
           {"mcpServers", Json::array()}}};
}

Call Conversation::open_anew() {
  is_loaded_ = false;
  session_id_.clear();
  return {"session/new", {{"cwd", order_.rights.workspace}, {"mcpServers", Json::array()}}};
}

std::optional<Call> Conversation::after_open(const Json& session) {
  if (const std::string id = text_at(session, "sessionId"); !id.empty()) session_id_ = id;
  if (session_id_.empty()) {
    fail("the agent gives its session no id");
    return std::nullopt;
  }
  model_call_ = model_call(session_id_, session, order_.model);
  tell_session();
  std::optional<Call> mode = mode_call(session_id_, session, order_.rights);
  if (!mode) return after_mode();
  step_ = Step::mode;
  return mode;
}

void Conversation::tell_session() {
  ending_.session_id = session_id_;
  ending_.can_resume = offers_load_;
  const Json line = {{"type", "session"},
                     {"session_id", session_id_},
                     {"can_resume", offers_load_},
                     {"is_resumed", is_loaded_}};
  news_ += line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  if (!order_.session.empty() && !is_loaded_)
    warn("the agent does not go on in session " + quote(order_.session) +
         "; a fresh one was begun with the whole prompt");
  if (!order_.model.empty() && !model_call_)
    warn(
        "the agent offers no choice of models over the protocol: it works with its own, not with " +
        quote(order_.model));
}

void Conversation::warn(const std::string& text) {
  const Json line = {{"type", "warning"}, {"message", text}};
  news_ += line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string Conversation::take_news() {
  return std::exchange(news_, std::string());
}

std::optional<Call> Conversation::after_mode() {
  if (!model_call_) return prompt_call();
  step_ = Step::model;
  return std::exchange(model_call_, std::nullopt);
}

Call Conversation::prompt_call() {
  step_ = Step::prompt;
  transcript_ = Transcript();  // A loaded session told what was before.
  const bool is_fresh = !order_.session.empty() && !is_loaded_;
  const bool is_whole = is_fresh && !order_.whole_prompt.empty();
  const Json text = {{"type", "text"}, {"text", is_whole ? order_.whole_prompt : order_.prompt}};
  return {"session/prompt", {{"sessionId", session_id_}, {"prompt", Json::array({text})}}};
}

std::optional<Call> Conversation::on_failure(const rpc::Failure& failure) {
  const bool is_login_needed = step_ == Step::open &&
                               failure.origin == rpc::Failure::Origin::peer &&
                               failure.code == kLoginNeeded;
  if (is_login_needed && !has_logged_in_ && !login_.empty()) {
    step_ = Step::login;
    has_logged_in_ = true;
    return Call{"authenticate", {{"methodId", login_}}};
  }
  // A session that is lost is begun anew.
  const bool is_lost = step_ == Step::open && is_loaded_ &&
                       failure.origin == rpc::Failure::Origin::peer && !is_login_needed;
  if (is_lost) return open_anew();
  static constexpr const char* kSteps[] = {
      "initialize", "the login", "opening a session", "its mode", "its model", "", ""};
  const std::string what = kSteps[static_cast<std::size_t>(step_)];
  const bool is_peers = failure.origin == rpc::Failure::Origin::peer;
  if (step_ == Step::prompt) ending_.usage = transcript_.usage();
  fail(step_text(what, failure));
  if (is_peers) ending_.code = failure.code;
  return std::nullopt;
}

void Conversation::on_end(const Json& answer) {
  ending_.stop_reason = text_at(answer, "stopReason");
  ending_.message = transcript_.message();
  ending_.usage = usage_of(answer, transcript_);
  step_ = Step::over;
  if (ending_.stop_reason != "end_turn") {
    ending_.error = ending_.stop_reason.empty() ? "the agent gives no reason for its end"
                                                : "the turn ended with " + ending_.stop_reason;
    return;
  }
  ending_.error = hollowness(transcript_, ending_.usage);
  ending_.is_success = ending_.error.empty();
  if (!ending_.is_success) ending_.message.clear();  // An error text is nobody's document.
}

void Conversation::on_update(const Json& params) {
  const std::string id = text_at(params, "sessionId");
  if (id != session_id_ && !id.empty()) return;  // Of an agent that this one started.
  const Json& update = object_at(params, "update");
  tool_calls_.on_update(update);
  if (step_ == Step::prompt) transcript_.on_update(update);
}

ToolCall Conversation::asked_for(const Json& params) const {
  return tool_calls_.asked_for(object_at(params, "toolCall"));
}

void Conversation::fail(std::string error) {
  if (step_ == Step::over) return;
  if (step_ == Step::prompt) ending_.usage = transcript_.usage();
  step_ = Step::over;
  ending_.is_success = false;
  ending_.error = std::move(error);
}

std::optional<Call> Conversation::cancel() const {
  if (step_ != Step::prompt) return std::nullopt;
  return Call{"session/cancel", {{"sessionId", session_id_}}};
}

}  // namespace konductor::acp
