// SPDX-License-Identifier: MIT
#include "cli/progress_text.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <map>

namespace konductor::cli {

std::string elapsed_text(std::int64_t milliseconds) {
  const std::int64_t seconds = milliseconds > 0 ? milliseconds / 1000 : 0;
  std::array<char, 32> text{};
  if (seconds >= 3600)
    std::snprintf(text.data(), text.size(), "%d:%02d:%02d", static_cast<int>(seconds / 3600),
                  static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60));
  else
    std::snprintf(text.data(), text.size(), "%02d:%02d", static_cast<int>(seconds / 60),
                  static_cast<int>(seconds % 60));
  return text.data();
}

std::string tokens_text(const engine::Usage& usage) {
  const auto tokens = static_cast<double>(usage.input_tokens + usage.output_tokens);
  std::array<char, 32> text{};
  constexpr double kThousand = 1000;
  constexpr double kMillion = 1'000'000;
  // Rounding must not make "1000.0k" of what is nearly a million.
  if (tokens >= kMillion - kThousand / 2)
    std::snprintf(text.data(), text.size(), "%.1fM", tokens / kMillion);
  else if (tokens >= kThousand * 100)
    std::snprintf(text.data(), text.size(), "%.0fk", tokens / kThousand);
  else if (tokens >= kThousand)
    std::snprintf(text.data(), text.size(), "%.1fk", tokens / kThousand);
  else
    std::snprintf(text.data(), text.size(), "%.0f", tokens);
  return text.data();
}

std::string cost_text(const engine::Usage& usage) {
  if (usage.cost_usd <= 0) return {};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "$%.2f", usage.cost_usd);
  return text.data();
}

std::string about_text(double seconds) {
  const auto minutes = static_cast<long>(std::lround(seconds / 60));
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return "about " + std::to_string(minutes) + " min";
  const std::string rest = minutes % 60 == 0 ? "" : " " + std::to_string(minutes % 60) + " min";
  return "about " + std::to_string(minutes / 60) + " h" + rest;
}

std::string purpose_text(std::string_view reason) {
  static const std::map<std::string_view, std::string_view> words = {
      {"execute", "works"},
      {"context", "works on with the context it asked for"},
      {"concerns", "fixes its concerns"},
      {"spec_fix", "fixes what does not match the task"},
      {"quality_fix", "fixes what the code review found"},
      {"holistic_fix", "fixes what the holistic review found"},
      {"merge_fix", "resolves a conflict"},
      {"retry", "tries again"},
      {"review", "reviews"},
      {"assess", "assesses"},
      {"research", "looks for the missing context"},
      {"holistic", "reviews the whole phase"},
  };
  const auto found = words.find(reason);
  return std::string(found == words.end() ? reason : found->second);
}

}  // namespace konductor::cli
