// SPDX-License-Identifier: MIT
#pragma once

#include "config/config.hpp"
#include "config/document_reader.hpp"

// What holds between keys, checked when all sources are read.
namespace konductor::config {

// Gives each runtime the command of its name or kind where none is configured, and reports those
// that have no kind, no command or no cassette.
void finish_runtimes(Config& config, ReadReport& report);

// Reports runtimes that general or a role names and that do not exist.
void check_references(const Config& config, ReadReport& report);

}  // namespace konductor::config
