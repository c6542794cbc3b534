// SPDX-License-Identifier: MIT
// What libraries that are preloaded into the engine share.
#pragma once

#include <dlfcn.h>
#include <stddef.h>

// The function that this one stands before. Looked up once: between fork and exec nothing may be
// looked up.
#define REAL(name)                                              \
  __extension__({                                               \
    static __typeof__(&(name)) real;                            \
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, #name); \
    real;                                                       \
  })
