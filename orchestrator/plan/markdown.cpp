// SPDX-License-Identifier: MIT
#include "plan/markdown.hpp"

#include <cmark-gfm.h>

#include "base/check.hpp"

namespace konductor::plan {
namespace {

std::string_view view_of(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

}  // namespace

NodeKind MarkdownNode::kind() const {
  // cmark's type codes leave gaps and extensions may add more, so unknown ones are `other`.
  switch (static_cast<unsigned>(cmark_node_get_type(node_))) {
    case CMARK_NODE_NONE:
      return NodeKind::none;
    case CMARK_NODE_DOCUMENT:
      return NodeKind::document;
    case CMARK_NODE_BLOCK_QUOTE:
      return NodeKind::block_quote;
    case CMARK_NODE_LIST:
      return NodeKind::list;
    case CMARK_NODE_ITEM:
      return NodeKind::item;
    case CMARK_NODE_CODE_BLOCK:
      return NodeKind::code_block;
    case CMARK_NODE_HTML_BLOCK:
      return NodeKind::html_block;
    case CMARK_NODE_PARAGRAPH:
      return NodeKind::paragraph;
    case CMARK_NODE_HEADING:
      return NodeKind::heading;
    case CMARK_NODE_THEMATIC_BREAK:
      return NodeKind::thematic_break;
    case CMARK_NODE_TEXT:
      return NodeKind::text;
    case CMARK_NODE_SOFTBREAK:
      return NodeKind::soft_break;
    case CMARK_NODE_LINEBREAK:
      return NodeKind::line_break;
    case CMARK_NODE_CODE:
      return NodeKind::code;
    case CMARK_NODE_HTML_INLINE:
      return NodeKind::html_inline;
    case CMARK_NODE_EMPH:
      return NodeKind::emphasis;
    case CMARK_NODE_STRONG:
      return NodeKind::strong;
    case CMARK_NODE_LINK:
      return NodeKind::link;
    case CMARK_NODE_IMAGE:
      return NodeKind::image;
    default:
      return NodeKind::other;
  }
}

MarkdownNode MarkdownNode::first_child() const {
  return MarkdownNode(cmark_node_first_child(node_));
}

MarkdownNode MarkdownNode::next() const {
  return MarkdownNode(cmark_node_next(node_));
}

MarkdownNode MarkdownNode::parent() const {
  return MarkdownNode(cmark_node_parent(node_));
}

std::string_view MarkdownNode::literal() const {
  return view_of(cmark_node_get_literal(node_));
}

std::string_view MarkdownNode::fence_language() const {
  const std::string_view info = view_of(cmark_node_get_fence_info(node_));
  return info.substr(0, info.find_first_of(" \t"));
}

std::string MarkdownNode::fence() const {
  int length = 0;
  int offset = 0;
  char character = 0;
  if (cmark_node_get_fenced(node_, &length, &offset, &character) == 0) return {};
  return std::string(static_cast<std::size_t>(length), character);
}

int MarkdownNode::heading_level() const {
  return cmark_node_get_heading_level(node_);
}

bool MarkdownNode::is_bullet_list() const {
  return cmark_node_get_list_type(node_) == CMARK_BULLET_LIST;
}

int MarkdownNode::start_line() const {
  return cmark_node_get_start_line(node_);
}

int MarkdownNode::start_column() const {
  return cmark_node_get_start_column(node_);
}

std::string MarkdownNode::plain_text() const {
  std::string text;
  for (MarkdownNode node = *this; node; node = next_within(node, *this)) {
    const NodeKind kind = node.kind();
    if (kind == NodeKind::soft_break || kind == NodeKind::line_break)
      text += ' ';
    else
      text += node.literal();
  }
  return text;
}

MarkdownNode next_within(MarkdownNode node, MarkdownNode root) {
  if (const MarkdownNode child = node.first_child()) return child;
  return skip_within(node, root);
}

MarkdownNode skip_within(MarkdownNode node, MarkdownNode root) {
  while (node && node != root) {
    if (const MarkdownNode sibling = node.next()) return sibling;
    node = node.parent();
  }
  return {};
}

MarkdownDocument::MarkdownDocument(std::string_view text)
    : root_(cmark_parse_document(text.data(), text.size(), CMARK_OPT_DEFAULT)) {
  KON_CHECK(root_ != nullptr);
}

void MarkdownDocument::Free::operator()(cmark_node* node) const {
  cmark_node_free(node);
}

}  // namespace konductor::plan
