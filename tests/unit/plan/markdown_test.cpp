// SPDX-License-Identifier: MIT
#include "plan/markdown.hpp"

#include <catch2/catch.hpp>

using konductor::plan::MarkdownDocument;
using konductor::plan::MarkdownNode;
using konductor::plan::next_within;
using konductor::plan::NodeKind;
using konductor::plan::skip_within;

TEST_CASE("a Markdown text is a tree with positions") {
  const MarkdownDocument document("# Title\n\ntext\n\n - item `code`\n");
  const MarkdownNode heading = document.root().first_child();
  REQUIRE(heading.kind() == NodeKind::heading);
  CHECK(heading.heading_level() == 1);
  CHECK(heading.plain_text() == "Title");
  const MarkdownNode list = heading.next().next();
  REQUIRE(list.kind() == NodeKind::list);
  CHECK(list.is_bullet_list());
  const MarkdownNode item = list.first_child();
  CHECK(item.kind() == NodeKind::item);
  CHECK(item.start_line() == 5);
  CHECK(item.start_column() == 2);
  CHECK(item.parent() == list);
  CHECK_FALSE(list.next());
}

TEST_CASE("a fence knows its language and its marks") {
  const MarkdownDocument document("~~~~sh -x\nmake\n~~~~\n");
  const MarkdownNode fence = document.root().first_child();
  REQUIRE(fence.kind() == NodeKind::code_block);
  CHECK(fence.fence_language() == "sh");
  CHECK(fence.fence() == "~~~~");
  CHECK(fence.literal() == "make\n");
  const MarkdownDocument indented("    make\n");
  CHECK(indented.root().first_child().fence().empty());
}

TEST_CASE("a walk visits a subtree in order and leaves it at its end") {
  const MarkdownDocument document("a **b** c\n\nlast\n");
  const MarkdownNode paragraph = document.root().first_child();
  std::string seen;
  for (MarkdownNode node = paragraph; node; node = next_within(node, paragraph))
    seen += node.literal();
  CHECK(seen == "a b c");
  CHECK_FALSE(skip_within(paragraph, paragraph));
}

TEST_CASE("very deep nesting does not exhaust the stack") {
  const std::string deep(50000, '>');
  const MarkdownDocument document(deep + " end\n");
  CHECK(document.root().plain_text() == "end");
}

TEST_CASE("an empty text and a zero byte are Markdown too") {
  CHECK_FALSE(MarkdownDocument("").root().first_child());
  const MarkdownDocument document(std::string_view("a\0b", 3));
  CHECK(document.root().plain_text() ==
        "a\xEF\xBF\xBD"
        "b");
}
