// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "cli/output.hpp"
#include "ports/person.hpp"

namespace konductor::cli {

// Whether somebody can be asked: stdin and stderr are a terminal, and it is no pipeline (CI). Error
// `invalid_input` says what is missing.
Result<void> find_person(const Surroundings& around);

// The person at the terminal that the engine was started from. Each question is put with the
// answers that the agent suggests; an editor can be opened for a longer one. Used on the loop's
// thread.
class TerminalPerson final : public ports::Person {
 public:
  // Told when a question is open and when it is not any more, so that others leave the terminal
  // alone meanwhile.
  using OnQuestion = std::function<void(bool is_open)>;

  TerminalPerson(boost::asio::io_context& context, Surroundings& around, std::string phase,
                 OnQuestion on_question);

  boost::asio::awaitable<std::optional<std::string>> ask(ports::Question question) override;

 private:
  class Turn;

  boost::asio::awaitable<std::optional<std::string>> put(ports::Question question);
  boost::asio::awaitable<std::optional<std::string>> read_line();
  boost::asio::awaitable<std::optional<std::string>> edit(ports::Question question);
  std::function<Result<std::string>()> editing(const ports::Question& question);
  std::string editor() const;
  std::string question_text(const ports::Question& question) const;

  Surroundings& around_;
  std::string phase_;
  OnQuestion on_question_;
  boost::asio::posix::stream_descriptor terminal_;
  boost::asio::steady_timer freed_;
  bool is_busy_ = false;
};

// What a person wrote into the editor's file: without the lines that begin with "#".
std::string edited_answer(std::string_view text);

}  // namespace konductor::cli
