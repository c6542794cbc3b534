// SPDX-License-Identifier: MIT
#include "cli/terminal_person.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

#include "base/text.hpp"
#include "cli/temporary_folder.hpp"
#include "driver/attempt_environment.hpp"
#include "driver/offload.hpp"
#include "platform/foreground_program.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kEditorKey = "e";

// What a line answers: the number of a suggestion stands for it.
std::string chosen(const std::string& line, const std::vector<std::string>& suggestions) {
  if (line.size() == 1 && line[0] >= '1' && line[0] <= '9') {
    const auto index = static_cast<std::size_t>(line[0] - '1');
    if (index < suggestions.size()) return suggestions[index];
  }
  return line;
}

// Every line of the agent's words behind "# ", so that they are no part of the answer.
std::string as_comment(std::string_view text) {
  std::string comment;
  for (const std::string_view line : split_lines(text))
    comment += "# " + std::string(line) + "\n";
  return comment;
}

}  // namespace

std::string edited_answer(std::string_view text) {
  std::string answer;
  for (const std::string_view line : split_lines(text))
    if (line.substr(0, 1) != "#") answer += std::string(line) + "\n";
  return std::string(trim(answer));
}

Result<void> find_person(const Surroundings& around) {
  const std::string ci = driver::environment_value(around.environment, "CI");
  if (!ci.empty() && ci != "false" && ci != "0")
    return Error{ErrorCode::invalid_input,
                 "--interactive asks a person, and CI=" + ci + " says that nobody is there"};
  if (!around.is_input_terminal || !around.is_error_terminal)
    return Error{ErrorCode::invalid_input,
                 std::string("--interactive asks at a terminal, and ") +
                     (around.is_input_terminal ? "stderr" : "stdin") +
                     " is none; leave it out, and blockers wait for `konductor unblock`"};
  return {};
}

// One question at a time: the others wait for it.
class TerminalPerson::Turn {
 public:
  explicit Turn(TerminalPerson& person) : person_(person) {
    person_.is_busy_ = true;
    person_.on_question_(true);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    person_.is_busy_ = false;
    person_.on_question_(false);
    person_.freed_.cancel();
  }

 private:
  TerminalPerson& person_;
};

// A description of the terminal of its own: what is set there is not set for others.
TerminalPerson::TerminalPerson(asio::io_context& context, Surroundings& around, std::string phase,
                               OnQuestion on_question)
    : around_(around),
      phase_(std::move(phase)),
      on_question_(std::move(on_question)),
      terminal_(context),
      freed_(context, std::chrono::steady_clock::time_point::max()) {
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (terminal >= 0) terminal_.assign(terminal);
}

asio::awaitable<std::optional<std::string>> TerminalPerson::ask(ports::Question question) {
  const auto token = asio::as_tuple(asio::use_awaitable);
  while (is_busy_) {
    const auto woken = co_await freed_.async_wait(token);
    static_cast<void>(woken);
    // Cancelled itself, and not woken.
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return std::nullopt;
  }
  if (!terminal_.is_open()) co_return std::nullopt;
  const Turn turn(*this);
  std::optional<std::string> answer = co_await put(std::move(question));
  co_return answer;
}

asio::awaitable<std::optional<std::string>> TerminalPerson::put(ports::Question question) {
  // What was typed before was meant for nobody.
  ::tcflush(terminal_.native_handle(), TCIFLUSH);
  around_.err << question_text(question) << std::flush;
  std::optional<std::string> line = co_await read_line();
  if (!line) {
    around_.err << "\n" << std::flush;
    co_return std::nullopt;
  }
  const std::string word(trim(*line));
  std::optional<std::string> answer;
  if (word == kEditorKey && !editor().empty())
    answer = co_await edit(std::move(question));
  else if (!word.empty())
    answer = chosen(word, question.suggestions);
  if (!answer || answer->empty()) {
    around_.err << "no answer; it goes on as if nobody were here\n" << std::flush;
    co_return std::nullopt;
  }
  co_return answer;
}

// Nothing at the end of input: the terminal is gone, or the person has typed Ctrl-D.
asio::awaitable<std::optional<std::string>> TerminalPerson::read_line() {
  const auto token = asio::as_tuple(asio::use_awaitable);
  std::string line;
  while (line.find('\n') == std::string::npos) {
    const auto ready =
        co_await terminal_.async_wait(asio::posix::stream_descriptor::wait_read, token);
    if (std::get<0>(ready)) throw boost::system::system_error(std::get<0>(ready));
    std::array<char, 4096> buffer{};
    const ssize_t size = ::read(terminal_.native_handle(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) {
      boost::system::error_code ignored;
      if (size < 0) terminal_.close(ignored);
      co_return std::nullopt;
    }
    line.append(buffer.data(), static_cast<std::size_t>(size));
  }
  co_return line;
}

std::string TerminalPerson::editor() const {
  for (const char* name : {"VISUAL", "EDITOR"})
    if (std::string value = driver::environment_value(around_.environment, name); !value.empty())
      return value;
  return {};
}

// Blocks while the editor is open.
std::function<Result<std::string>()> TerminalPerson::editing(const ports::Question& question) {
  const int terminal = terminal_.native_handle();
  return [editor = editor(), environment = around_.environment, terminal,
          text = question.text]() -> Result<std::string> {
    KON_TRY(const TemporaryFolder folder, TemporaryFolder::make());
    const std::filesystem::path file = folder.path() / "answer.md";
    platform::PosixFileStore files;
    KON_TRY_VOID(files.write(file,
                             "\n\n# Write your answer above. Lines that begin with # are no part "
                             "of it; an empty one is none.\n#\n" +
                                 as_comment(text)));
    // As git does it: the variable may hold arguments.
    const std::vector<std::string> argv = {"/bin/sh", "-c", editor + " \"$@\"", editor,
                                           file.string()};
    KON_TRY(const int exit, platform::run_in_foreground(argv, environment, terminal));
    if (exit != 0)
      return Error{ErrorCode::environment, "the editor ended with " + std::to_string(exit)};
    KON_TRY(const std::string written, files.read(file));
    return edited_answer(written);
  };
}

asio::awaitable<std::optional<std::string>> TerminalPerson::edit(ports::Question question) {
  std::function<Result<std::string>()> job = editing(question);
  asio::thread_pool pool(1);
  Result<std::string> answer = co_await driver::offload(pool.get_executor(), std::move(job));
  if (answer.has_value()) co_return std::move(answer).value();
  around_.err << "konductor: note: " << answer.error().message << "\n" << std::flush;
  co_return std::nullopt;
}

std::string TerminalPerson::question_text(const ports::Question& question) const {
  const Paint paint = make_paint(around_);
  std::string text = "\n" + paint.bold(address_text(phase_, question.address)) + " " +
                     one_line(question.title) +
                     (question.is_blocker ? " cannot go on:\n\n" : " needs to know:\n\n");
  for (const std::string_view line : split_lines(question.text))
    text += "  " + one_line(line) + "\n";
  text += "\n";
  for (std::size_t i = 0; i < question.suggestions.size(); ++i)
    text += "  " + std::to_string(i + 1) + ") " + one_line(question.suggestions[i]) + "\n";
  if (!editor().empty()) text += "  e) write the answer in " + one_line(editor()) + "\n";
  return text + "Answer (Enter alone leaves it to an agent): ";
}

}  // namespace konductor::cli
