// SPDX-License-Identifier: MIT
#include <cstdio>

int main() {
  std::puts("calculator " CALCULATOR_VERSION);
  return 0;
}
