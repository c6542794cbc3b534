// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "platform/sqlite_journal.hpp"
#include "platform/sqlite_journal_connection.hpp"

namespace konductor::platform::sqlite {

// Makes the tables, or brings an older database forward, in one transaction; sets what a writing
// connection needs. Refuses, unchanged, a newer database and another program's.
Result<void> prepare_for_writing(const Connection& connection, std::span<const SchemaStep> steps);

// True when the database holds the tables of exactly this version, false when it is still empty.
// Older, newer and foreign ones are errors.
Result<bool> check_for_reading(const Connection& connection, std::span<const SchemaStep> steps);

}  // namespace konductor::platform::sqlite
