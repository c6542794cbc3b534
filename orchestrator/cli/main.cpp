// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <iostream>

#include "cli/run_cli.hpp"
#include "cli/source_commit.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace {

// A program started with closed standard streams would get their numbers for its own files.
void fill_standard_streams() {
  int fd = 0;
  while (fd >= 0 && fd <= STDERR_FILENO)
    fd = ::open("/dev/null", O_RDWR);
  if (fd > STDERR_FILENO) ::close(fd);
}

// True when what was printed did not arrive, and not because its reader had seen enough.
bool is_output_lost() {
  std::cout.flush();
  if (std::cout.good()) return false;
  pollfd stream{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&stream, 1, 0) != 1 || (stream.revents & POLLERR) == 0;
}

std::vector<std::string> read_environment() {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry)
    environment.emplace_back(*entry);
  return environment;
}

}  // namespace

int main(int argc, char** argv) {
  fill_standard_streams();
  // A reader that goes away must not end the engine in the middle of a run.
  std::signal(SIGPIPE, SIG_IGN);
  konductor::cli::Surroundings around{std::cout,
                                      std::cerr,
                                      read_environment(),
                                      ::isatty(STDERR_FILENO) != 0,
                                      ::isatty(STDIN_FILENO) != 0,
                                      ::isatty(STDOUT_FILENO) != 0,
                                      konductor::cli::source_commit(),
                                      &std::cin};
  try {
    const int exit = konductor::cli::run_cli(argc, argv, around);
    return is_output_lost() ? konductor::cli::report_lost_output(around, exit) : exit;
  } catch (const std::exception& error) {
    return konductor::cli::report_exception(argc, argv, around, &error);
  } catch (...) {
    return konductor::cli::report_exception(argc, argv, around, nullptr);
  }
}
