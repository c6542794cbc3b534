// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "driver/attempt.hpp"
#include "driver/attempt_documents.hpp"

namespace konductor::driver {

// The document of an attempt that has ended, in whichever way it handed it in.
struct HandedDocument {
  std::string text;  // Redacted; "" when there is none.
  Result<AcceptedDocument> accepted = Error{ErrorCode::not_found, "it was not looked for"};
};

// What the role wrote; when that is nothing that counts, the object that it was asked for; when it
// wrote nothing, what it said last. `facts` has what that was. Blocks.
HandedDocument take_document(const RunFacts& run, const Attempt& attempt,
                             const agent::OutcomeFacts& facts);

}  // namespace konductor::driver
