// SPDX-License-Identifier: MIT
// One program for all targets: FUZZ_TARGET names the one, or `canary`.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "fuzz/bodies.hpp"

namespace {

fuzz::Body wanted() {
  const char* const name = std::getenv("FUZZ_TARGET");
  if (name != nullptr && std::string_view(name) == "canary") return fuzz::canary;
  for (const fuzz::Target& target : fuzz::targets())
    if (name != nullptr && target.name == name) return target.body;
  std::fprintf(stderr, "FUZZ_TARGET has to be one of: canary");
  for (const fuzz::Target& target : fuzz::targets())
    std::fprintf(stderr, " %s", target.name.c_str());
  std::fprintf(stderr, "\n");
  std::_Exit(2);  // Nothing that a fuzzer would keep as an input.
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Body body = wanted();
  body(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
