// SPDX-License-Identifier: MIT
#include <cstring>
#include <exception>
#include <filesystem>
#include <iostream>

#include "replay/command.hpp"

extern char** environ;

int main(int argc, char** argv) {
  try {
    konductor::replay::Invocation invocation;
    invocation.arguments.assign(argv + (argc > 0 ? 1 : 0), argv + argc);
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::size_t length = std::strcspn(*entry, "=");
      if ((*entry)[length] == '=')
        invocation.environment[std::string(*entry, length)] = *entry + length + 1;
    }
    invocation.workspace = std::filesystem::current_path();
    return konductor::replay::run(invocation, std::cout, std::cerr);
  } catch (const std::exception& error) {
    std::cerr << "konductor-replay: error: " << error.what() << "\n";
    return konductor::replay::kExitFailed;
  }
}
