# Compiler, linker and sanitizer settings for all of Eider's own code.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(EIDER_CCACHE ccache)
if(EIDER_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${EIDER_CCACHE}")
endif()
find_program(EIDER_MOLD mold)
if(EIDER_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Werror -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside its own standard library once it inlines.
  add_compile_options(-Wno-restrict -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow
    -Wno-stringop-overread -Wno-dangling-pointer -Wno-free-nonheap-object -Wno-mismatched-new-delete)
else()
  # Only fuzz targets are built so; g++ decides about warnings, but a missing lock is an error here too.
  add_compile_options(-Wno-error -Wthread-safety -Werror=thread-safety)
endif()

# Halves the time of a build from nothing; a change compiles more.
option(EIDER_UNITY "Compile files that stand beside each other as one" OFF)
if(EIDER_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # What a file keeps to itself looks like a header's.
  add_compile_options(-Wno-subobject-linkage)
endif()

set(EIDER_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize")
if(EIDER_SANITIZE)
  add_compile_options(-fsanitize=${EIDER_SANITIZE} -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Builds in half the time, and nothing is optimised away that would have been found.
    add_compile_options(-O0)
  endif()
  add_link_options(-fsanitize=${EIDER_SANITIZE})
  if(EIDER_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=all)
  endif()
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options("-fsanitize-ignorelist=${CMAKE_CURRENT_LIST_DIR}/clang_sanitize.ignore")
  endif()
  if(EIDER_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)
  endif()
endif()
