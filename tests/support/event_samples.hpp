// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/event.hpp"

// One event of every type with every field filled in, each value a different one, so that a field
// that is lost or swapped shows.
namespace konductor::test {

class SampleFiller {
 public:
  template <class Struct>
  void fill(Struct& value) {
    Struct::fields(value, [this](std::string_view name, auto& field) { this->set(name, field); });
  }

 private:
  std::string text(std::string_view name) {
    return std::string(name) + " \xC3\xA9\"\\" + std::to_string(++count_);
  }
  void set(std::string_view name, std::string& field) { field = text(name); }
  void set(std::string_view, int& field) { field = ++count_; }
  void set(std::string_view, std::int64_t& field) { field = 5'000'000'000 + ++count_; }
  void set(std::string_view, double& field) { field = ++count_ + 0.125; }
  void set(std::string_view, bool& field) { field = true; }
  void set(std::string_view, engine::Finding& field) { fill(field); }
  void set(std::string_view, engine::SubTask& field) { fill(field); }
  void set(std::string_view, engine::Usage& field) { fill(field); }
  template <class Element>
  void set(std::string_view name, std::vector<Element>& field) {
    field.resize(2);
    for (Element& element : field)
      set(name, element);
  }

  int count_ = 0;
};

template <std::size_t... Index>
std::vector<engine::EventBody> default_bodies(std::index_sequence<Index...>) {
  return {engine::EventBody(std::in_place_index<Index>)...};
}

// One default-constructed body of every type.
inline std::vector<engine::EventBody> default_bodies() {
  return default_bodies(std::make_index_sequence<std::variant_size_v<engine::EventBody>>());
}

// One body of every type with all its fields filled in.
inline std::vector<engine::EventBody> sample_bodies() {
  SampleFiller filler;
  std::vector<engine::EventBody> bodies = default_bodies();
  for (engine::EventBody& body : bodies)
    std::visit([&](auto& e) { filler.fill(e); }, body);
  return bodies;
}

}  // namespace konductor::test
