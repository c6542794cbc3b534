// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace konductor::gates {

// What stands behind a file name's last dot, in lower case; "" when there is none.
std::string_view extension_of(std::string_view path);

// Whether a file belongs to the tests, by the conventions of languages and their test frameworks:
// what lies in a folder of tests (documents apart), and sources named after tests ("x_test.go",
// "test_x.py", "x.spec.ts", "XTest.java", "x_spec.rb").
bool is_test_file(std::string_view path);

// The same with a look into it: Rust keeps unit tests beside the code they test.
bool holds_tests(std::string_view path, std::string_view text);

}  // namespace konductor::gates
