// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/config.hpp"
#include "engine/task_state.hpp"

// Documents that an agent hands in as an object of a schema (schemas/) and not as Markdown. The
// engine writes the Markdown, which then goes the way of all documents.
namespace konductor::agent {

enum class TypedDocument { none, summary, review };

// What an attempt of that runtime is asked for by a schema: `none` where its agent offers no
// schema, where the configuration forbids it, and for documents without one.
TypedDocument typed_document(const config::RuntimeSettings& runtime, engine::Action action);

// The schema as agents take it: one line, without the members that some of them refuse. "" for
// `none`.
std::string schema_for_agent(TypedDocument document);

// The Markdown document that says the same as the object in `answer`. No text in it can make a
// heading of the protocol or leave its section. Missing lists and texts are empty ones, unknown
// members are passed over. Error `invalid_input` when it is no object, lacks its status or verdict,
// or a member is of another type than the schema's.
Result<std::string> markdown_of_answer(TypedDocument document, std::string_view answer);

}  // namespace konductor::agent
