// SPDX-License-Identifier: MIT
// What is held of what agents print, and what all targets share.
#include "fuzz/bodies.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "acp/conversation.hpp"
#include "acp/permission.hpp"
#include "agent/agent_stream.hpp"
#include "agent/attempt_outcome.hpp"
#include "agent/json_skim.hpp"
#include "agent/reset_words.hpp"
#include "base/redactor.hpp"
#include "base/text.hpp"
#include "rpc/line_splitter.hpp"
#include "rpc/message.hpp"

namespace fuzz {

using namespace konductor;
using std::string_view;

namespace {

using Secrets = std::vector<SecretValue>;

const agent::Moment kMoment = {1793880000, 3600, {"CET", "Europe/Berlin"}};

// Calls `feed` with pieces whose sizes the input decides.
template <class Feed>
void in_pieces(string_view input, const Feed& feed) {
  std::uint32_t dice = static_cast<std::uint32_t>(input.size()) + 7;
  while (!input.empty()) {
    dice = dice * 1664525U + 1013904223U + static_cast<unsigned char>(input.front());
    const std::size_t size = std::min<std::size_t>(input.size(), 1 + (dice >> 16U) % 61);
    feed(input.substr(0, size));
    input.remove_prefix(size);
  }
}

void check(const agent::StreamReport& report) {
  using End = agent::StreamReport::End;
  require(is_valid_utf8(report.detail), "the detail is text");
  require(is_valid_utf8(report.message), "the message is text");
  require(report.detail.find('\n') == std::string::npos, "the detail is one line");
  require(report.usage.input_tokens >= 0 && report.usage.output_tokens >= 0 &&
              report.usage.cache_read_tokens >= 0,
          "no tokens are given back");
  require(report.session.empty() || report.session[0] != '-', "a session is no option");
  require(report.end != End::success || report.cause.empty(), "success has no cause");
  agent::OutcomeFacts facts;
  facts.report = report;
  facts.has_document = true;
  require((agent::decide_outcome(facts).cause == "done") == (report.end == End::success),
          "done is what ended well");
}

template <std::unique_ptr<agent::AgentStream> (*make)()>
void stream(string_view input) {
  const auto whole = make();
  whole->feed(input);
  const auto pieces = make();
  in_pieces(input, [&](string_view piece) { pieces->feed(piece); });
  require(whole->progress() == pieces->progress(), "progress is the same in pieces");
  const agent::StreamReport report = whole->finish(kMoment);
  check(report);
  require(report == pieces->finish(kMoment), "a stream means the same in pieces");
  require(whole->skipped_lines() == pieces->skipped_lines(), "the same lines are passed over");
}

void rpc_frames(string_view input) {
  std::vector<std::string> whole;
  rpc::LineSplitter splitter;
  splitter.feed(input, [&](string_view line) { whole.emplace_back(line); });
  std::vector<std::string> pieces;
  rpc::LineSplitter other;
  in_pieces(input, [&](string_view piece) {
    other.feed(piece, [&](string_view line) { pieces.emplace_back(line); });
  });
  require(whole == pieces, "the same lines come of any pieces");
  for (const std::string& line : whole) {
    const rpc::Message message = rpc::decode(line);
    std::string again;
    if (const auto* request = std::get_if<rpc::Request>(&message))
      again = rpc::encode_request(request->id, request->method, request->params);
    else if (const auto* note = std::get_if<rpc::Notification>(&message))
      again = rpc::encode_notification(note->method, note->params);
    else if (const auto* response = std::get_if<rpc::Response>(&message))
      again = rpc::encode_response(response->id, response->outcome);
    else
      continue;
    require(again.find('\n') == again.size() - 1, "a message is one line");
    require(rpc::decode(again).index() == message.index(), "a message stays what it is");
  }
}

acp::Order acp_order(bool may_write) {
  acp::Order order;
  order.prompt = "the prompt";
  order.model = "some/model";
  order.rights.workspace = "/srv/tree";
  order.rights.may_write = may_write;
  order.has_variable = [](const std::string& name) { return name == "GEMINI_API_KEY"; };
  return order;
}

// Lines of an agent: answers go to the step that waits, updates and questions are taken any time.
void acp_session(string_view input) {
  acp::Conversation conversation(acp_order(input.size() % 2 == 0));
  require(conversation.begin().method == "initialize", "a session begins with initialize");
  rpc::LineSplitter splitter;
  splitter.feed(input, [&](string_view line) {
    const rpc::Message message = rpc::decode(line);
    if (const auto* note = std::get_if<rpc::Notification>(&message)) {
      conversation.on_update(note->params);
    } else if (const auto* request = std::get_if<rpc::Request>(&message)) {
      const acp::ToolCall call = conversation.asked_for(request->params);
      const acp::Decision decision =
          acp::decide(call, conversation.order().rights,
                      [](const std::string& path) { return std::optional<std::string>(path); });
      const bool may_write = conversation.order().rights.may_write;
      require(may_write || !call.changes_files || !decision.is_allowed, "readers change no file");
      (void)acp::permission_result(acp::list_at(request->params, "options"), decision).dump();
    } else if (const auto* response = std::get_if<rpc::Response>(&message)) {
      if (conversation.is_over()) return;
      const auto next = conversation.answered(response->outcome);
      require(next.has_value() != conversation.is_over(), "a session goes on or is over");
      if (next) (void)rpc::encode_request(1, next->method, next->params);
    }
  });
  if (!conversation.is_over()) conversation.fail("gone");
  require(conversation.is_over(), "a session that failed is over");
  const std::string line = acp::result_line(conversation.ending());
  require(line.find('\n') == line.size() - 1, "the result is one line");
  const auto reader = agent::make_acp_stream();
  reader->feed(line);
  const bool is_success = reader->finish(kMoment).end == agent::StreamReport::End::success;
  require(is_success == conversation.ending().is_success, "what is printed is what is read");
}

void reset_words(string_view input) {
  const auto time = agent::told_reset_time(input, kMoment);
  if (!time) return;
  constexpr std::int64_t kDay = 86'400;
  require(*time > kMoment.now - kDay && *time < kMoment.now + 41 * kDay, "a limit ends soon");
}

void json_skim(string_view input) {
  for (const string_view name : {"type", "message", ""}) {
    const string_view found = agent::find_member(input, name);
    (void)agent::plain_text(found);
    require(is_valid_utf8(agent::decoded_text(found)), "a text is text");
    require(agent::written_value(found).size() <= found.size(), "a value is in its text");
    agent::JsonElements elements(found.empty() ? input : found);
    std::size_t count = 0;
    while (!elements.next().empty())
      require(++count <= input.size(), "there are no more elements than bytes");
  }
  // What both can read is the same for both.
  const nlohmann::json value = nlohmann::json::parse(input, nullptr, false);
  if (!value.is_object() || !is_valid_utf8(input)) return;
  const std::string text(agent::written_value(agent::find_member(input, "type")));
  if (text.empty() || input.find('\\') != string_view::npos) return;
  require(value.contains("type"), "a member that is found is there");
}

void redactor(string_view input) {
  static const Redactor known(Secrets{{"A_KEY", "q7/\"\\n-uuu41"}, {"B_KEY", "uuu41{q7q7q7}"}});
  const std::string whole = known.redact(input);
  RedactingStream stream(known);
  std::string pieces;
  in_pieces(input, [&](string_view piece) { stream.feed(piece, pieces); });
  stream.finish(pieces);
  require(whole == pieces, "a text is redacted the same in pieces");
  require(whole.find("q7/\"\\n-uuu41") == std::string::npos, "no secret is left");
}

}  // namespace

void require(bool holds, const char* what) {
  if (!holds) throw std::logic_error(std::string("broken promise: ") + what);
}

const std::vector<Target>& targets() {
  static const std::vector<Target> all = [] {
    std::vector<Target> both = stream_targets();
    both.insert(both.end(), document_targets().begin(), document_targets().end());
    return both;
  }();
  return all;
}

const std::vector<Target>& stream_targets() {
  static const std::vector<Target> all = {
      {"stream_claude", stream<agent::make_claude_stream>},
      {"stream_codex", stream<agent::make_codex_stream>},
      {"stream_opencode", stream<agent::make_opencode_stream>},
      {"stream_gemini", stream<agent::make_gemini_stream>},
      {"stream_qwen", stream<agent::make_qwen_stream>},
      {"stream_pi", stream<agent::make_pi_stream>},
      {"stream_acp", stream<agent::make_acp_stream>},
      {"rpc_frames", rpc_frames},
      {"acp_session", acp_session},
      {"reset_words", reset_words},
      {"json_skim", json_skim},
      {"redactor", redactor},
  };
  return all;
}

void canary(string_view input) {
  for (const string_view line : split_lines(input)) {
    // One step after another, so that a fuzzer that sees what is covered finds the way.
    if (line.size() < 3 || line[0] != 'l') continue;
    if (line[1] != 'i') continue;
    require(line[2] != 'm', "the canary lives");
  }
}

}  // namespace fuzz
