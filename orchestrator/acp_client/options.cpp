// SPDX-License-Identifier: MIT
#include "acp_client/options.hpp"

#include <charconv>

#include "base/text.hpp"

namespace konductor::acp_client {
namespace {

Error invalid(const std::string& message) {
  return Error{ErrorCode::invalid_input, message};
}

Result<std::chrono::milliseconds> parse_milliseconds(const std::string& text) {
  constexpr int kMost = 600'000;
  int count = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (code != std::errc() || end != text.data() + text.size() || count < 0 || count > kMost)
    return invalid("--grace-ms must be a number up to " + std::to_string(kMost) + ", not " +
                   quote(text));
  return std::chrono::milliseconds(count);
}

// True when the word is an option without a value.
bool take_switch(Options& options, const std::string& word) {
  if (word == "--allow-write")
    options.may_write = true;
  else if (word == "--allow-shell")
    options.may_shell = true;
  else if (word == "--offer-files")
    options.offers_files = true;
  else if (word == "--help" || word == "-h")
    options.is_help = true;
  else
    return false;
  return true;
}

Result<void> take_value(Options& options, const std::string& name, const std::string& value) {
  if (name == "--model") {
    options.model = value;
  } else if (name == "--session") {
    options.session = value;
  } else if (name == "--whole-prompt") {
    options.whole_prompt = value;
  } else if (name == "--writable") {
    options.writable.push_back(value);
  } else if (name == "--grace-ms") {
    KON_TRY(options.grace, parse_milliseconds(value));
  }
  return {};
}

bool takes_value(const std::string& name) {
  return name == "--model" || name == "--session" || name == "--whole-prompt" ||
         name == "--writable" || name == "--grace-ms";
}

}  // namespace

const char* const kHelp =
    "usage: konductor-acp [options] -- PROGRAM [ARGUMENT...]\n"
    "\n"
    "Runs one prompt with an agent that speaks the Agent Client Protocol. The prompt is read from\n"
    "standard input, the current directory is the workspace. What the agent tells is printed as\n"
    "one JSON object a line, the last of which says how it ended. konductor starts it for a\n"
    "runtime of kind \"acp\".\n"
    "\n"
    "  --allow-write     the agent may change files of the workspace\n"
    "  --allow-shell     the agent may run commands\n"
    "  --writable DIR    with --allow-write: another folder whose files may be changed\n"
    "  --model NAME      the model to use, where the agent offers a choice\n"
    "  --session ID      go on with an earlier session, where the agent can\n"
    "  --whole-prompt FILE  the prompt for a fresh session, where it cannot\n"
    "  --offer-files     tell the agent that it may read and write files by the client\n"
    "  --grace-ms N      how long an interrupted agent may take to answer (5000)\n"
    "\n"
    "The file that KONDUCTOR_OUTPUT names may be written in any case. Exit status: 0 when the\n"
    "agent's turn ended well, 1 when it did not, 64 for a wrong command line, 130 and 143 after\n"
    "SIGINT and SIGTERM.\n"
    "\n"
    "example: echo 'fix the test' | konductor-acp --allow-write --allow-shell -- gemini --acp\n";

Result<Options> parse_options(const std::vector<std::string>& words) {
  Options options;
  auto word = words.begin();
  while (word != words.end()) {
    const std::string& name = *word++;
    if (name == "--") {
      options.agent.assign(word, words.end());
      break;
    }
    if (take_switch(options, name)) continue;
    if (!takes_value(name))
      return invalid("unknown argument " + quote(name) + "; see konductor-acp --help");
    if (word == words.end()) return invalid(name + " needs a value");
    KON_TRY_VOID(take_value(options, name, *word++));
  }
  if (options.agent.empty() && !options.is_help)
    return invalid("the agent's program is missing; give it after \"--\"");
  return options;
}

}  // namespace konductor::acp_client
