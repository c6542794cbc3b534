// SPDX-License-Identifier: MIT
#include "gates/test_text.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <tuple>

using namespace konductor::gates;

TEST_CASE("assertions of many languages are seen") {
  const auto [path, line] = GENERATE(table<std::string, std::string>({
      {"test_a.py", "    assert a == b"},
      {"test_a.py", "    self.assertEqual(a, b)"},
      {"test_a.py", "    with pytest.raises(ValueError):"},
      {"test_a.py", "    mock.assert_called_once_with(3)"},
      {"a_test.go", "\tif got != want { t.Errorf(\"got %v\", got) }"},
      {"a_test.go", "\trequire.NoError(t, err)"},
      {"a_test.go", "\tassert.Equal(t, 1, a)"},
      {"a_test.go", "\tt.Fatal(err)"},
      {"a.test.ts", "  expect(add(1, 2)).toBe(3);"},
      {"a.test.js", "  assert.strictEqual(a, b);"},
      {"a.test.js", "  value.should.equal(3);"},
      {"a.test.js", "  t.deepEqual(a, b)"},
      {"tests/a.rs", "    assert_eq!(a, b);"},
      {"tests/a.rs", "    expect![[\"x\"]].assert_eq(&a);"},
      {"ATest.java", "    assertThat(a).isEqualTo(b);"},
      {"ATest.java", "    verify(mock).call();"},
      {"ATest.kt", "    a shouldBe b"},
      {"ATests.cs", "    Assert.AreEqual(1, a);"},
      {"ATests.cs", "    a.Should().Be(1);"},
      {"a_test.cpp", "  CHECK(a == b);"},
      {"a_test.cpp", "  REQUIRE_THAT(a, Contains(\"b\"));"},
      {"a_test.cpp", "  EXPECT_EQ(a, b) << \"why\";"},
      {"a_test.cpp", "  ASSERT_TRUE(a);"},
      {"a_test.cpp", "  BOOST_CHECK_EQUAL(a, b);"},
      {"a_test.c", "  TEST_ASSERT_EQUAL(1, a);"},
      {"a_spec.rb", "    expect(a).to eq 1"},
      {"a_spec.rb", "    is_expected.to be_valid"},
      {"a_test.rb", "    refute a.nil?"},
      {"a_test.rb", "    value.must_equal 3"},
      {"a_test.exs", "    assert a == b"},
      {"ATest.php", "    $this->assertSame(1, $a);"},
      {"ATests.swift", "    XCTAssertEqual(a, b)"},
      {"t/a.t", "is_deeply($a, $b, 'same');"},
      {"a.bats", "  [ \"$status\" -eq 0 ]"},
      {"a_test.zig", "    try std.testing.expectEqual(1, a);"},
      {"a_test.clj", "  (is (= 1 a))"},
      {"test/a.jl", "@test a == 1"},
      {"test_a.dart", "  expect(a, equals(1));"},
  }));
  CAPTURE(path, line);
  CHECK(read_tests(path, line + "\n").assertions.size() == 1);
}

TEST_CASE("what is not code asserts nothing") {
  const auto [path, text] = GENERATE(table<std::string, std::string>({
      {"test_a.py", "# assert a == b"},
      {"test_a.py", "from unittest import assertRaises"},
      {"test_a.py", "\"\"\"\nassert a\n\"\"\""},
      {"test_a.py", "expected = 3"},
      {"a.test.js", "// expect(a).toBe(1)"},
      {"a.test.js", "/*\n expect(a).toBe(1)\n*/"},
      {"a.test.js", "const assert = require('assert');"},
      {"a.test.js", "it('should expect what we assert', () => {"},
      {"a.test.js", "    name: expect.any(String),"},
      {"tests/a.rs", "    let a = run().expect(\"it runs\");"},
      {"tests/a.rs", "use pretty_assertions::assert_eq;"},
      {"a_test.cpp", "#include <cassert>"},
      {"a_test.cpp", "  const int CHECKSUM = 3;"},
      {"ATest.java", "import static org.junit.Assert.assertEquals;"},
      {"ATest.java", "  void shouldParse() {"},
      {"a_test.go", "\terr := f()"},
  }));
  CAPTURE(path, text);
  CHECK(read_tests(path, text + "\n").assertions.empty());
}

TEST_CASE("markers that skip tests are seen") {
  const auto [path, line] = GENERATE(table<std::string, std::string>({
      {"test_a.py", "@pytest.mark.skip(reason=\"slow\")"},
      {"test_a.py", "@unittest.skip('later')"},
      {"test_a.py", "    pytest.skip('later')"},
      {"test_a.py", "@pytest.mark.xfail"},
      {"a.test.ts", "it.skip('adds', () => {"},
      {"a.test.ts", "describe.skip('adds', () => {"},
      {"a.test.ts", "  xit('adds', () => {"},
      {"a.test.ts", "test.only('adds', () => {"},
      {"tests/a.rs", "#[ignore]"},
      {"tests/a.rs", "#[ignore = \"slow\"]"},
      {"a_test.go", "\tt.Skip(\"later\")"},
      {"a_test.go", "\tt.Skipf(\"later %d\", 1)"},
      {"ATest.java", "  @Disabled(\"later\")"},
      {"ATest.java", "  @Ignore"},
      {"ATests.cs", "  [Fact(Skip = \"later\")]"},
      {"ATests.cs", "  [Ignore]"},
      {"a_test.cc", "  GTEST_SKIP() << \"later\";"},
      {"a_test.cc", "TEST(Parser, DISABLED_Adds) {"},
      {"a_test.cpp", "TEST_CASE(\"adds\", \"[.]\") {"},
      {"a_test.cpp", "TEST_CASE(\"adds\", \"[math][!hide]\") {"},
      {"a_test.cpp", "#if 0"},
      {"a_spec.rb", "    skip 'later'"},
      {"a_spec.rb", "  xit 'adds' do"},
      {"ATests.swift", "    throw XCTSkip(\"later\")"},
      {"ATest.php", "    $this->markTestSkipped('later');"},
      {"a_test.exs", "  @tag :skip"},
      {"a.bats", "  skip \"later\""},
  }));
  CAPTURE(path, line);
  const TestText text = read_tests(path, "\n" + line + "\n");
  REQUIRE(text.skips.size() == 1);
  CHECK(text.skips[0].line == 2);
  CHECK_FALSE(text.skips[0].is_conditional);
}

TEST_CASE("what only looks like a skip is none") {
  const auto [path, line] = GENERATE(table<std::string, std::string>({
      {"a.test.ts", "  const rows = cursor.skip(3);"},
      {"a.test.ts", "  process.exit(1);"},
      {"a.test.ts", "  model.fit(data);"},
      {"a.test.ts", "// it.skip('adds')"},
      {"a_test.go", "\tlist.Skip(3)"},
      {"a_test.cpp", "  // GTEST_SKIP()"},
      {"a_test.cpp", "  CHECK(name == \"GTEST_SKIP\");"},
      {"a_spec.rb", "  skip_before_action :login"},
      {"test_a.py", "    skip = 3"},
  }));
  CAPTURE(path, line);
  CHECK(read_tests(path, line + "\n").skips.empty());
}

TEST_CASE("a skip with a condition is told apart") {
  const auto [path, text] = GENERATE(table<std::string, std::string>({
      {"test_a.py", "@pytest.mark.skipif(sys.platform == 'win32', reason='x')"},
      {"test_a.py", "    if not shutil.which('git'):\n        pytest.skip('no git')"},
      {"a_test.go", "\tif testing.Short() {\n\t\tt.Skip(\"slow\")\n\t}"},
      {"a_spec.rb", "    skip 'no git' unless git?"},
      {"a_test.cc", "  if (!has_git()) GTEST_SKIP();"},
  }));
  CAPTURE(path, text);
  const TestText read = read_tests(path, text + "\n");
  REQUIRE(read.skips.size() == 1);
  CHECK(read.skips[0].is_conditional);
}

TEST_CASE("of a Rust source only its tests count") {
  const std::string text =
      "fn a(x: u8) {\n  assert!(x > 0);\n}\n#[cfg(test)]\nmod tests {\n  #[test]\n  fn b() {\n"
      "    assert_eq!(1, 1);\n  }\n}\n";
  CHECK(read_tests("src/lib.rs", text).assertions.size() == 1);
  CHECK(read_tests("tests/lib.rs", text).assertions.size() == 2);
}
