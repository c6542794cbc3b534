// SPDX-License-Identifier: MIT
#include "replay/command.hpp"

#include <charconv>
#include <optional>
#include <ostream>

#include "base/result.hpp"
#include "base/text.hpp"
#include "replay/cassette.hpp"
#include "replay/files.hpp"
#include "replay/player.hpp"

namespace konductor::replay {
namespace {

constexpr std::string_view kHelp =
    "usage: konductor-replay --cassette DIR --take N\n"
    "\n"
    "Plays a recorded attempt: writes its files into the current directory and hands in its\n"
    "document at $KONDUCTOR_OUTPUT. konductor starts it for a runtime of kind \"replay\"; the "
    "role\n"
    "and the task are taken from KONDUCTOR_ROLE, KONDUCTOR_PLAN and KONDUCTOR_TASK.\n"
    "\n"
    "example: KONDUCTOR_ROLE=executor KONDUCTOR_PLAN=1 KONDUCTOR_TASK=2 \\\n"
    "         KONDUCTOR_OUTPUT=summary.md konductor-replay --cassette cassettes/good --take "
    "1\n";

struct Arguments {
  std::string cassette;
  int take = 0;
  bool is_help = false;
};

Result<int> parse_number(std::string_view text, const std::string& name) {
  int number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size() || number < 1)
    return invalid(name + " must be a number from 1, not " + quote(text));
  return number;
}

Result<Arguments> parse_arguments(const std::vector<std::string>& words) {
  Arguments arguments;
  auto word = words.begin();
  while (word != words.end()) {
    const std::string& name = *word++;
    if (name == "--help" || name == "-h") {
      arguments.is_help = true;
      return arguments;
    }
    if (name != "--cassette" && name != "--take")
      return invalid("unknown argument " + quote(name) + "; see konductor-replay --help");
    if (word == words.end()) return invalid(name + " needs a value");
    const std::string& value = *word++;
    if (name == "--cassette") {
      arguments.cassette = value;
    } else {
      KON_TRY(arguments.take, parse_number(value, name));
    }
  }
  if (arguments.cassette.empty()) return invalid("--cassette DIR is missing");
  if (arguments.take == 0) return invalid("--take N is missing");
  return arguments;
}

class Environment {
 public:
  explicit Environment(const std::map<std::string, std::string>& values) : values_(values) {}

  // "" when it is not set.
  [[nodiscard]] std::string get(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? "" : found->second;
  }
  [[nodiscard]] Result<int> number(const std::string& name) const {
    if (get(name).empty()) return 0;
    return parse_number(get(name), name);
  }

 private:
  const std::map<std::string, std::string>& values_;
};

Result<TakeAddress> parse_address(const Environment& environment, int take) {
  const std::string role = environment.get("KONDUCTOR_ROLE");
  const std::optional<RoleName> name = parse_role_name(role);
  if (!name) return invalid("KONDUCTOR_ROLE is " + quote(role) + ", which is no role of konductor");
  TakeAddress address;
  address.role = *name;
  address.take = take;
  KON_TRY(address.plan, environment.number("KONDUCTOR_PLAN"));
  KON_TRY(address.task, environment.number("KONDUCTOR_TASK"));
  if (address.plan == 0 && address.task != 0)
    return invalid("KONDUCTOR_TASK is set without KONDUCTOR_PLAN");
  return address;
}

// The document comes last: whoever sees it finds everything else done.
Result<void> play(const Take& take, const Environment& environment,
                  const std::filesystem::path& workspace, std::ostream& output) {
  const std::string document_path = environment.get("KONDUCTOR_OUTPUT");
  if (take.document && document_path.empty())
    return invalid("the take holds a document, but KONDUCTOR_OUTPUT is not set");
  KON_TRY_VOID(play_files(take, workspace));
  output << take.output << std::flush;
  if (take.document) KON_TRY_VOID(replace_file(document_path, *take.document));
  return {};
}

int report(const Error& error, const Environment& environment, int status, std::ostream& errors) {
  errors << "konductor-replay: error: " << error.message;
  const std::string reason = environment.get("KONDUCTOR_REASON");
  if (!reason.empty()) errors << " (the attempt's reason: " << reason << ")";
  errors << "\n" << std::flush;
  return status;
}

}  // namespace

int run(const Invocation& invocation, std::ostream& output, std::ostream& errors) {
  const Environment environment(invocation.environment);
  const auto arguments = parse_arguments(invocation.arguments);
  if (!arguments.has_value()) return report(arguments.error(), environment, kExitUsage, errors);
  if (arguments->is_help) {
    output << kHelp << std::flush;
    return 0;
  }
  const auto address = parse_address(environment, arguments->take);
  if (!address.has_value()) return report(address.error(), environment, kExitUsage, errors);
  const auto take = read_take(arguments->cassette, *address);
  if (!take.has_value()) {
    const bool is_missing = take.error().code == ErrorCode::not_found;
    return report(take.error(), environment, is_missing ? kExitUsage : kExitFailed, errors);
  }
  if (auto played = play(*take, environment, invocation.workspace, output); !played.has_value())
    return report(played.error(), environment, kExitFailed, errors);
  return take->exit_code;
}

}  // namespace konductor::replay
