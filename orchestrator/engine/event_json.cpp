// SPDX-License-Identifier: MIT
#include "engine/event_json.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <type_traits>

#include "base/text.hpp"

namespace konductor::engine {
namespace {

enum class Fields {
  all,      // For readers of the stream, who rely on every field.
  changed,  // For the journal: decoding starts from the defaults, so they need no place in a row.
};

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; });
}

// Writes JSON straight into a string: an event is encoded for every commit and every stream line.
class JsonWriter {
 public:
  explicit JsonWriter(Fields fields) : fields_(fields) { out_.reserve(256); }

  template <class Struct>
  void members(const Struct& value) {
    static const Struct fresh{};
    static const std::vector<const void*> defaults = addresses_of_fields(fresh);
    auto initial = defaults.begin();
    Struct::fields(value, [&](std::string_view name, const auto& field) {
      using Field = std::decay_t<decltype(field)>;
      const bool is_default = *static_cast<const Field*>(*initial++) == field;
      if (fields_ == Fields::all || !is_default) member(name, field);
    });
  }

  template <class Field>
  void member(std::string_view name, const Field& field) {
    if (out_.back() != '{') out_ += ',';
    out_ += '"';
    out_ += name;
    out_ += "\":";
    write(field);
  }

  void open() { out_ += '{'; }
  void close() { out_ += '}'; }
  std::string take() { return std::move(out_); }

 private:
  template <class Struct>
  static std::vector<const void*> addresses_of_fields(const Struct& value) {
    std::vector<const void*> addresses;
    Struct::fields(value,
                   [&](std::string_view, const auto& field) { addresses.push_back(&field); });
    return addresses;
  }

  void write(std::string_view text) {
    out_ += '"';
    if (is_ascii(text) || is_valid_utf8(text))
      write_escaped(text);
    else
      write_escaped(to_valid_utf8(text));
    out_ += '"';
  }
  void write(const std::string& text) { write(std::string_view(text)); }
  void write(bool value) { out_ += value ? "true" : "false"; }
  void write(int value) { write_number(value); }
  void write(std::int64_t value) { write_number(value); }
  // JSON has no infinity and no NaN.
  void write(double value) { write_number(std::isfinite(value) ? value : 0.0); }

  template <class Element>
  void write(const std::vector<Element>& list) {
    out_ += '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i > 0) out_ += ',';
      write(list[i]);
    }
    out_ += ']';
  }

  void write(const Finding& finding) { write_object(finding); }
  void write(const SubTask& task) { write_object(task); }
  void write(const Usage& usage) { write_object(usage); }

  template <class Struct>
  void write_object(const Struct& value) {
    open();
    members(value);
    close();
  }

  template <class Number>
  void write_number(Number value) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out_.append(digits, end);
  }

  void write_escaped(std::string_view text) {
    std::size_t run = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
      out_.append(text.substr(run, i - run));
      write_escape(c);
      run = i + 1;
    }
    out_.append(text.substr(run));
  }

  void write_escape(char c) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    switch (c) {
      case '"':
        out_ += "\\\"";
        return;
      case '\\':
        out_ += "\\\\";
        return;
      case '\n':
        out_ += "\\n";
        return;
      case '\t':
        out_ += "\\t";
        return;
      case '\r':
        out_ += "\\r";
        return;
      default:
        out_ += "\\u00";
        out_ += kHex[static_cast<unsigned char>(c) >> 4U];
        out_ += kHex[static_cast<unsigned char>(c) & 0xFU];
    }
  }

  Fields fields_;
  std::string out_;
};

template <class Body>
std::string stream_line(std::int64_t time, std::string_view run, const Body& body) {
  JsonWriter writer(Fields::all);
  writer.open();
  writer.member("schema_version", kEventSchemaVersion);
  writer.member("type", Body::kName);
  writer.member("time", time_text(time));
  writer.member("run", run);
  writer.members(body);
  writer.close();
  return writer.take();
}

void append_digits(std::string& out, std::int64_t value, std::size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

}  // namespace

std::string encode_body(const EventBody& body) {
  JsonWriter writer(Fields::changed);
  writer.open();
  std::visit([&](const auto& e) { writer.members(e); }, body);
  writer.close();
  return writer.take();
}

std::string encode_stream_line(const Event& event) {
  return std::visit([&](const auto& e) { return stream_line(event.time, event.run, e); },
                    event.body);
}

std::string encode_stream_line(std::int64_t time, std::string_view run,
                               const event::attempt_output& output) {
  return stream_line(time, run, output);
}

std::string time_text(std::int64_t milliseconds) {
  using std::chrono::days;
  // RFC 3339 has four digits for the year: 0000-01-01 to 9999-12-31.
  constexpr std::int64_t kFirst = -62167219200000;
  constexpr std::int64_t kLast = 253402300799999;
  const std::chrono::sys_time<std::chrono::milliseconds> time{
      std::chrono::milliseconds(std::clamp(milliseconds, kFirst, kLast))};
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string text;
  text.reserve(24);
  append_digits(text, static_cast<int>(date.year()), 4);
  text += '-';
  append_digits(text, static_cast<unsigned>(date.month()), 2);
  text += '-';
  append_digits(text, static_cast<unsigned>(date.day()), 2);
  text += 'T';
  append_digits(text, clock.hours().count(), 2);
  text += ':';
  append_digits(text, clock.minutes().count(), 2);
  text += ':';
  append_digits(text, clock.seconds().count(), 2);
  text += '.';
  append_digits(text, clock.subseconds().count(), 3);
  text += 'Z';
  return text;
}

}  // namespace konductor::engine
