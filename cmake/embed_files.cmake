# SPDX-License-Identifier: MIT
# Writes the C++ source that holds the shipped role files, prompts and schemas as text:
#   cmake -DOUTPUT=… -DROLES=a.toml,… -DPROMPTS=b.md,… -DSCHEMAS=c.json,… -P embed_files.cmake
function(embed_table name paths out)
  string(REPLACE "," ";" paths "${paths}")
  set(text "constexpr ShippedFile ${name}[] = {\n")
  foreach(path IN LISTS paths)
    file(READ "${path}" content)
    string(FIND "${content}" ")kon\"" clash)
    if(NOT clash EQUAL -1)
      message(FATAL_ERROR "\"${path}\" holds the characters that end its literal")
    endif()
    get_filename_component(stem "${path}" NAME_WE)
    string(REGEX REPLACE "^konductor-" "" stem "${stem}")
    string(APPEND text "    {\"${stem}\", R\"kon(${content})kon\"},\n")
  endforeach()
  string(APPEND text "};\n")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

embed_table(kRoles "${ROLES}" roles)
embed_table(kPrompts "${PROMPTS}" prompts)
embed_table(kSchemas "${SCHEMAS}" schemas)
file(WRITE "${OUTPUT}" "// SPDX-License-Identifier: MIT
// Made by cmake/embed_files.cmake from agents/, prompts/ and schemas/.
#include \"agent/shipped_files.hpp\"

namespace konductor::agent {
namespace {

${roles}
${prompts}
${schemas}
}  // namespace

std::span<const ShippedFile> shipped_roles() {
  return kRoles;
}

std::span<const ShippedFile> shipped_prompts() {
  return kPrompts;
}

std::span<const ShippedFile> shipped_schemas() {
  return kSchemas;
}

}  // namespace konductor::agent
")
