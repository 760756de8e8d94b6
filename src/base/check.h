#pragma once

#include <cstdio>
#include <cstdlib>

// Ends the process when going on would corrupt state. Never for bad input.
#define EIDER_CHECK(condition)                                                           \
  do {                                                                                   \
    if (!(condition)) {                                                                  \
      std::fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)
