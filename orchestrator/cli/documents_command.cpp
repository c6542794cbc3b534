// SPDX-License-Identifier: MIT
#include "cli/documents_command.hpp"

#include <filesystem>

#include "cli/completion_scripts.hpp"
#include "cli/reference_text.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

Result<void> write_documents(const std::filesystem::path& directory) {
  platform::PosixFileStore files;
  const auto write = [&](const std::filesystem::path& path, std::string_view text) -> Result<void> {
    KON_TRY_VOID(files.make_directories((directory / path).parent_path()));
    return files.write(directory / path, text);
  };
  for (const ManPage& page : man_pages(read_command_reference()))
    KON_TRY_VOID(write(std::filesystem::path("man/man1") / (page.name + ".1"), page.text));
  for (const CompletionScript& script : completion_scripts())
    KON_TRY_VOID(write(script.path, script.text));
  return {};
}

}  // namespace

int run_documents_command(const DocumentsOptions& options, Surroundings& around) {
  const Result<void> written = write_documents(options.directory);
  return written.has_error() ? report_error(around, written.error()) : 0;
}

}  // namespace konductor::cli
