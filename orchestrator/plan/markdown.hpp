// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct cmark_node;

namespace konductor::plan {

enum class NodeKind {
  none,
  document,
  block_quote,
  list,
  item,
  code_block,
  html_block,
  paragraph,
  heading,
  thematic_break,
  text,
  soft_break,
  line_break,
  code,
  html_inline,
  emphasis,
  strong,
  link,
  image,
  other,
};

// One node of a parsed Markdown text: a view that lives as long as its MarkdownDocument. A node
// that does not exist is false.
class MarkdownNode {
 public:
  MarkdownNode() = default;
  explicit MarkdownNode(cmark_node* node) : node_(node) {}

  explicit operator bool() const { return node_ != nullptr; }
  friend bool operator==(const MarkdownNode&, const MarkdownNode&) = default;

  [[nodiscard]] NodeKind kind() const;
  [[nodiscard]] MarkdownNode first_child() const;
  [[nodiscard]] MarkdownNode next() const;
  [[nodiscard]] MarkdownNode parent() const;

  // The content of a text, code span, code block or HTML; "" for others.
  [[nodiscard]] std::string_view literal() const;
  // First word after the fence of a code block, "" when there is none.
  [[nodiscard]] std::string_view fence_language() const;
  // The run of characters that opens a fenced code block: "```", "~~~~"; "" when it is indented.
  [[nodiscard]] std::string fence() const;
  [[nodiscard]] int heading_level() const;  // 0 when this is no heading.
  [[nodiscard]] bool is_bullet_list() const;

  // Positions of blocks, 1-based; columns count bytes.
  [[nodiscard]] int start_line() const;
  [[nodiscard]] int start_column() const;

  // The text of this node and all below it, without markup; line breaks are blanks.
  [[nodiscard]] std::string plain_text() const;

 private:
  cmark_node* node_ = nullptr;
};

// The node after `node` in document order inside `root`: children first. Does not recurse, so that
// no depth of nesting exhausts the stack. False at the end.
MarkdownNode next_within(MarkdownNode node, MarkdownNode root);
// The same, but passes over everything below `node`.
MarkdownNode skip_within(MarkdownNode node, MarkdownNode root);

// A Markdown text as a tree. Never fails: every text is Markdown.
class MarkdownDocument {
 public:
  // `text` need not outlive the document.
  explicit MarkdownDocument(std::string_view text);

  [[nodiscard]] MarkdownNode root() const { return MarkdownNode(root_.get()); }

 private:
  struct Free {
    void operator()(cmark_node* node) const;
  };
  std::unique_ptr<cmark_node, Free> root_;
};

}  // namespace konductor::plan
