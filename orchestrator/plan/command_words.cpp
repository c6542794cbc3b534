// SPDX-License-Identifier: MIT
#include "plan/verify_commands.hpp"

namespace konductor::plan {
namespace {

constexpr std::string_view kWordBlanks = " \t\r\n";
constexpr std::string_view kOperators = "|&;<>(){}`";

bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

// Reads shell text word by word.
class WordReader {
 public:
  explicit WordReader(std::string_view text) : text_(text) {}

  std::vector<std::string> read() {
    while (at_ < text_.size())
      read_character();
    end_word();
    return std::move(words_);
  }

 private:
  void read_character() {
    const char c = text_[at_];
    if (c == '\\') {
      read_escape();
    } else if (c == '\'' || c == '"') {
      read_quoted(c);
    } else if (is_one_of(c, kWordBlanks) || is_one_of(c, kOperators)) {
      end_word();
      ++at_;
    } else if (c == '#' && word_.empty() && !has_word_) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else {
      word_ += c;
      has_word_ = true;
      ++at_;
    }
  }

  void read_escape() {
    // A backslash before a line break joins the lines.
    if (at_ + 1 < text_.size() && text_[at_ + 1] != '\n') {
      word_ += text_[at_ + 1];
      has_word_ = true;
    }
    at_ += 2;
  }

  void read_quoted(char quote) {
    std::string content;
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      const bool is_escape = quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size();
      if (is_escape) ++at_;
      content += text_[at_];
    }
    ++at_;
    has_word_ = true;
    word_ += content;
    if (content.find_first_of(kWordBlanks) != std::string::npos)
      nested_.push_back(std::move(content));
  }

  void end_word() {
    if (has_word_ && !word_.empty()) {
      const std::size_t equals = word_.find('=');
      if (equals != std::string::npos && equals + 1 < word_.size())
        words_.insert(words_.end(), {word_, word_.substr(equals + 1)});
      else
        words_.push_back(word_);
    }
    // What stands in quotes may be a command of its own: sh -c "cat a.txt".
    for (const std::string& text : nested_)
      for (std::string& word : WordReader(text).read())
        words_.push_back(std::move(word));
    nested_.clear();
    word_.clear();
    has_word_ = false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string word_;
  bool has_word_ = false;
  std::vector<std::string> nested_;
  std::vector<std::string> words_;
};

}  // namespace

std::vector<std::string> words_of_command(std::string_view command) {
  return WordReader(command).read();
}

}  // namespace konductor::plan
