# SPDX-License-Identifier: MIT
# Settings and warnings that every target of the project links privately.
add_library(konductor_options INTERFACE)

option(KONDUCTOR_SANITIZE_ADDRESS "Build with ASan and UBSan" OFF)
option(KONDUCTOR_SANITIZE_THREAD "Build with TSan" OFF)

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

if(KONDUCTOR_SANITIZE_ADDRESS)
  target_compile_options(konductor_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
    -Wno-null-dereference -Wno-maybe-uninitialized)
  target_link_options(konductor_options INTERFACE -fsanitize=address,undefined)
endif()
if(KONDUCTOR_SANITIZE_THREAD)
  target_compile_options(konductor_options INTERFACE -fsanitize=thread)
  target_link_options(konductor_options INTERFACE -fsanitize=thread)
endif()
