# How everything is compiled. Warnings are errors.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(ATOZ_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize: address,undefined or thread")
option(ATOZ_COVERAGE "Count executed lines (scripts/coverage)" OFF)
# What users get is built without: not a byte of it is left then.
option(ATOZ_TEST_POINTS "Planted faults and probes for the tests (sync/base/planted_fault.h)" OFF)

find_program(ATOZ_CCACHE ccache)
if(ATOZ_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ATOZ_CCACHE})
endif()

# Standard headers and GoogleTest are parsed once: a first build takes a fifth less time. A cache
# does better, and does not go well with it. Builds without it see that each file includes what it
# needs.
if(ATOZ_CCACHE OR ATOZ_SANITIZE OR NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  set(precompiled OFF)
else()
  set(precompiled ON)
endif()
option(ATOZ_PRECOMPILED "Precompiled headers" ${precompiled})

add_library(atoz_options INTERFACE)
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH ATOZ_ROOT)  # the top of the tree
target_include_directories(atoz_options INTERFACE ${ATOZ_ROOT})
target_compile_options(atoz_options INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(atoz_options INTERFACE -Wthread-safety)
endif()
if(ATOZ_SANITIZE)
  target_compile_options(atoz_options INTERFACE
    -fsanitize=${ATOZ_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(atoz_options INTERFACE -fsanitize=${ATOZ_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 reports false positives here when sanitizers rewrite the code.
    target_compile_options(atoz_options INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(ATOZ_COVERAGE)
  target_compile_options(atoz_options INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(atoz_options INTERFACE --coverage)
endif()
