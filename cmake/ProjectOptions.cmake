# SPDX-License-Identifier: MIT
# Settings and warnings that every target of the project links privately.
add_library(konductor_options INTERFACE)

option(KONDUCTOR_SANITIZE_ADDRESS "Build with ASan and UBSan" OFF)
option(KONDUCTOR_SANITIZE_THREAD "Build with TSan" OFF)
option(KONDUCTOR_PRECOMPILE_HEADERS "Compile the headers of libraries once for each target" OFF)
option(KONDUCTOR_UNITY
  "Compile the library's files sixteen at a time: faster from nothing, slower after a change" OFF)

target_compile_features(konductor_options INTERFACE cxx_std_20)
target_compile_options(konductor_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wnull-dereference -Wextra-semi -Wswitch-enum)
target_compile_definitions(konductor_options INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports false null dereferences and uninitialised reads inside the standard library once it
  # optimises or instruments.
  target_compile_options(konductor_options INTERFACE
    $<$<NOT:$<CONFIG:Debug>>:-Wno-null-dereference -Wno-maybe-uninitialized -Wno-restrict>)
endif()

if(KONDUCTOR_UNITY)
  # A local name may be that of a helper in a file that is compiled along.
  target_compile_options(konductor_options INTERFACE -Wno-shadow)
endif()

if(KONDUCTOR_SANITIZE_ADDRESS)
  target_compile_options(konductor_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:-Wno-null-dereference> $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  # Of the checks of UBSan clang has one more, which its version 14 cannot compile coroutines with.
  target_compile_options(konductor_options INTERFACE
    $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
  target_link_options(konductor_options INTERFACE -fsanitize=address,undefined)
endif()
if(KONDUCTOR_SANITIZE_THREAD)
  target_compile_options(konductor_options INTERFACE -fsanitize=thread)
  target_link_options(konductor_options INTERFACE -fsanitize=thread)
endif()

# konductor_precompile(TARGET HEADER…): pays for tests, and for the library, whose files are compiled sixteen
# at a time, with clang only. Ordinary builds do without, so that each file has to include what it uses.
function(konductor_precompile target)
  if(NOT KONDUCTOR_PRECOMPILE_HEADERS)
    return()
  endif()
  set(headers algorithm chrono filesystem fstream functional map memory optional set sstream string
    variant vector nlohmann/json.hpp boost/asio/awaitable.hpp boost/asio/io_context.hpp
    boost/asio/steady_timer.hpp base/result.hpp engine/event.hpp ${ARGN})
  foreach(header IN LISTS headers)
    # Not "<header>": in a generator expression that would end it.
    target_precompile_headers(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:<${header}$<ANGLE-R>>")
  endforeach()
endfunction()
