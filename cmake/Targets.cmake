# atoz_precompiled(NAME FROM): the precompiled headers of this target, atoz_std or atoz_gtest, that
# all share.
function(atoz_precompiled name from)
  if(NOT ATOZ_PRECOMPILED)
    return()
  endif()
  if(NOT TARGET ${from})
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/${from}.cc CONTENT "// Nothing but its headers.\n")
    add_library(${from} STATIC ${CMAKE_BINARY_DIR}/${from}.cc)
    target_link_libraries(${from} PRIVATE atoz_options)
    target_precompile_headers(${from} PRIVATE <algorithm> <chrono> <functional> <map> <memory>
      <optional> <set> <string> <string_view> <utility> <variant> <vector>)
    if(from STREQUAL "atoz_gtest")
      target_link_libraries(${from} PRIVATE GTest::gtest)
      target_precompile_headers(${from} PRIVATE <gtest/gtest.h>)
    endif()
  endif()
  target_precompile_headers(${name} REUSE_FROM ${from})
endfunction()

# atoz_library(NAME SOURCES … DEPS … [PRIVATE_DEPS …])
function(atoz_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC atoz_options ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  atoz_precompiled(${name} atoz_std)
endfunction()

# What a program needs to be a program of Windows: UTF-8 in its arguments and in the standard library,
# and long paths (packaging/windows/atozsync.manifest). Nothing elsewhere.
function(atoz_windows_program name)
  if(WIN32)
    target_sources(${name} PRIVATE ${ATOZ_ROOT}/packaging/windows/atozsync.rc)
  endif()
endfunction()

# atoz_executable(NAME SOURCES … DEPS …)
function(atoz_executable name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE atoz_options ${ARG_DEPS})
  atoz_windows_program(${name})
endfunction()

# atoz_test(NAME LABEL unit SOURCES … DEPS … [TIMEOUT_S n] [WHOLE]): one GoogleTest program; each of
# its tests becomes a CTest test with the label, or, where they share something dear, all of them
# one. Also remembers the sources for atoz_check_tests_listed.
function(atoz_test name)
  cmake_parse_arguments(ARG "WHOLE" "LABEL;TIMEOUT_S" "SOURCES;DEPS" ${ARGN})
  if(NOT ARG_TIMEOUT_S)
    set(ARG_TIMEOUT_S 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE atoz_options ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  atoz_precompiled(${name} atoz_gtest)
  atoz_windows_program(${name})
  if(ARG_WHOLE)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT ${ARG_TIMEOUT_S})
  else()
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
      PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT ${ARG_TIMEOUT_S})
  endif()
  foreach(source ${ARG_SOURCES})
    cmake_path(ABSOLUTE_PATH source NORMALIZE)
    set_property(GLOBAL APPEND PROPERTY ATOZ_TEST_SOURCES ${source})
  endforeach()
endfunction()

# Fails the configuration when a *_test.cc lies in the tree and no target builds it: the most
# valuable test is easily switched off in silence.
function(atoz_check_tests_listed)
  get_property(listed GLOBAL PROPERTY ATOZ_TEST_SOURCES)
  file(GLOB_RECURSE on_disk CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/*_test.cc)
  list(FILTER on_disk EXCLUDE REGEX "/tests/windows/")  # built for Windows
  foreach(source ${on_disk})
    if(NOT source IN_LIST listed)
      message(FATAL_ERROR "${source} is not registered: add it to an atoz_test() call")
    endif()
  endforeach()
endfunction()
