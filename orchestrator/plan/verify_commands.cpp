// SPDX-License-Identifier: MIT
#include "plan/verify_commands.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "plan/verify_outcome.hpp"

namespace konductor::plan {
namespace {

using Piece = std::vector<VerifyToken>;

constexpr std::string_view kBlanks = " \t\n";

// Cuts one paragraph into pieces at "," ";" "and" "then" "&&" outside of code spans.
class PieceReader {
 public:
  void read_text(std::string_view text) {
    while (!text.empty()) {
      if (text.front() == ',' || text.front() == ';') {
        end_piece();
        text.remove_prefix(1);
      } else if (text.substr(0, 2) == "&&") {
        end_piece();
        text.remove_prefix(2);
      } else if (kBlanks.find(text.front()) != std::string_view::npos) {
        end_word();
        text.remove_prefix(1);
      } else {
        word_ += text.front();
        text.remove_prefix(1);
      }
    }
  }

  void read_span(std::string_view text) {
    end_word();
    piece_.push_back({true, std::string(trim(text))});
  }

  void read_break() { end_word(); }

  std::vector<Piece> finish() {
    end_piece();
    return std::move(pieces_);
  }

 private:
  void end_word() {
    const std::string word = to_lower(word_);
    if (word == "and" || word == "then")
      next_piece();
    else if (!word_.empty())
      piece_.push_back({false, word_});
    word_.clear();
  }

  void end_piece() {
    end_word();
    next_piece();
  }

  void next_piece() {
    if (!piece_.empty()) pieces_.push_back(std::move(piece_));
    piece_.clear();
  }

  std::string word_;
  Piece piece_;
  std::vector<Piece> pieces_;
};

std::vector<Piece> pieces_of(MarkdownNode paragraph, MarkdownNode label) {
  PieceReader reader;
  MarkdownNode node = paragraph.first_child();
  while (node) {
    const NodeKind kind = node.kind();
    if (node == label) {
      node = skip_within(node, paragraph);
      continue;
    }
    if (kind == NodeKind::code)
      reader.read_span(node.literal());
    else if (kind == NodeKind::soft_break || kind == NodeKind::line_break)
      reader.read_break();
    else
      reader.read_text(node.literal());
    node = next_within(node, paragraph);
  }
  return reader.finish();
}

// Index of the code span that makes `piece` a clause with a command: its first word, or that after
// "run". A box to tick and punctuation may stand before it.
std::optional<std::size_t> command_span(const Piece& piece) {
  bool after_run = false;
  for (std::size_t at = 0; at < piece.size(); ++at) {
    if (piece[at].is_span) return at;
    const std::string word = to_lower(bare_word(piece[at].text));
    if (word.empty() || piece[at].text == "[x]" || piece[at].text == "[X]") continue;
    if (after_run || word != "run") return std::nullopt;
    after_run = true;
  }
  return std::nullopt;
}

class StepReader {
 public:
  StepReader(const std::vector<std::string>& declared_files, const FileLookup& lookup)
      : declared_files_(declared_files), lookup_(lookup) {}

  void read_blocks(MarkdownNode root, MarkdownNode label) {
    MarkdownNode node = root;
    while (node) {
      const NodeKind kind = node.kind();
      const bool is_leaf = kind == NodeKind::paragraph || kind == NodeKind::heading;
      if (is_leaf)
        read_paragraph(pieces_of(node, label));
      else if (kind == NodeKind::code_block && node.fence_language() == "sh")
        add_script(node.literal());
      node = is_leaf ? skip_within(node, root) : next_within(node, root);
    }
  }

  std::vector<VerifyStep> finish() { return std::move(steps_); }

 private:
  void add_script(std::string_view text) {
    if (!trim(text).empty())
      steps_.push_back(
          {VerifyStep::Kind::script, std::string(text), VerifyStep::Expect::success, 0});
  }

  void read_paragraph(const std::vector<Piece>& pieces) {
    for (std::size_t at = 0; at < pieces.size(); ++at) {
      const auto span = command_span(pieces[at]);
      if (!span) continue;
      VerifyStep step = step_of(pieces[at][*span].text);
      if (step.text.empty()) continue;
      if (step.kind == VerifyStep::Kind::command) {
        const VerifyOutcome outcome = outcome_of(pieces, at, *span + 1);
        step.expect = outcome.expect;
        step.exit_code = outcome.exit_code;
      }
      steps_.push_back(std::move(step));
    }
  }

  [[nodiscard]] VerifyStep step_of(std::string_view span) const {
    if (span.find_first_of(kBlanks) == std::string_view::npos && names_file(span))
      return {VerifyStep::Kind::file_exists, std::string(span), VerifyStep::Expect::success, 0};
    if (span.substr(0, 2) == "$ ") span = trim(span.substr(2));  // A copied prompt.
    return {VerifyStep::Kind::command, std::string(span), VerifyStep::Expect::success, 0};
  }

  [[nodiscard]] bool names_file(std::string_view span) const {
    const FileKind kind = lookup_(span);
    if (kind == FileKind::plain) return true;
    return kind == FileKind::missing &&
           std::find(declared_files_.begin(), declared_files_.end(), span) != declared_files_.end();
  }

  // What the pieces from `at` up to the next command say. A later piece counts only where it goes
  // on about this command, and the command's own words decide first, but for an exit code.
  static VerifyOutcome outcome_of(const std::vector<Piece>& pieces, std::size_t at,
                                  std::size_t begin) {
    auto outcome = stated_outcome(pieces[at], begin);
    for (++at; at < pieces.size() && !command_span(pieces[at]); ++at) {
      if (!continues_outcome(pieces[at])) continue;
      const auto later = stated_outcome(pieces[at], 0);
      const bool is_finer = later && later->expect == VerifyStep::Expect::exit_code;
      if (later && (!outcome || is_finer)) outcome = later;
    }
    return outcome.value_or(VerifyOutcome{});
  }

  const std::vector<std::string>& declared_files_;
  const FileLookup& lookup_;
  std::vector<VerifyStep> steps_;
};

}  // namespace

FileKind no_file(std::string_view) {
  return FileKind::missing;
}

std::vector<VerifyStep> parse_verify(std::string_view verify_markdown,
                                     const std::vector<std::string>& declared_files,
                                     const FileLookup& lookup) {
  const MarkdownDocument document(verify_markdown);
  return parse_verify({document.root()}, MarkdownNode(), declared_files, lookup);
}

std::vector<VerifyStep> parse_verify(const std::vector<MarkdownNode>& blocks, MarkdownNode label,
                                     const std::vector<std::string>& declared_files,
                                     const FileLookup& lookup) {
  StepReader reader(declared_files, lookup);
  for (const MarkdownNode block : blocks)
    reader.read_blocks(block, label);
  return reader.finish();
}

}  // namespace konductor::plan
