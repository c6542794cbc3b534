// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "acp_client/client.hpp"
#include "acp_client/options.hpp"
#include "acp_client/workspace_files.hpp"

namespace konductor::acp_client {
namespace {

constexpr int kExitUsage = 64;

// Whole lines, at once: whoever follows the file sees what happened by now.
void print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::write(STDOUT_FILENO, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

bool has_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr && *value != '\0';
}

acp::Order order_of(const Options& options) {
  acp::Order order;
  order.prompt.assign(std::istreambuf_iterator<char>(std::cin), {});
  order.model = options.model;
  order.session = options.session;
  if (!options.whole_prompt.empty()) {
    std::ifstream file(options.whole_prompt, std::ios::binary);
    order.whole_prompt.assign(std::istreambuf_iterator<char>(file), {});
  }
  order.offers_files = options.offers_files;
  order.has_variable = has_variable;
  order.rights.may_write = options.may_write;
  order.rights.may_shell = options.may_shell;
  order.rights.workspace = std::filesystem::canonical(".").string();
  for (const std::string& folder : options.writable)
    if (auto real = resolve_path(std::filesystem::absolute(folder).string()))
      order.rights.writable.push_back(std::move(*real));
  if (has_variable("KONDUCTOR_OUTPUT"))
    order.rights.output =
        resolve_path(std::filesystem::absolute(std::getenv("KONDUCTOR_OUTPUT")).string())
            .value_or("");
  return order;
}

int run(const std::vector<std::string>& words) {
  const Result<Options> options = parse_options(words);
  if (options.has_error()) {
    std::cerr << "konductor-acp: error: " << options.error().message << "\n";
    return kExitUsage;
  }
  if (options->is_help) {
    print(kHelp);
    return 0;
  }
  std::signal(SIGPIPE, SIG_IGN);  // A pipe that nobody reads is told by its error.
  boost::asio::io_context io(1);
  Client client(io, order_of(*options), options->grace, print);
  return client.run(options->agent);
}

}  // namespace
}  // namespace konductor::acp_client

int main(int argc, char** argv) {
  try {
    return konductor::acp_client::run(
        std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
  } catch (const std::exception& error) {
    std::cerr << "konductor-acp: error: " << error.what() << "\n";
    return 1;
  }
}
