# Fuzzers: one LLVMFuzzerTestOneInput, built in two ways (docs/fuzzing.md).
#
# Everywhere: a replay of the kept corpus, an ordinary test with the label fuzz_replay.
# With ATOZ_FUZZ (preset fuzz, clang++): libFuzzer searches, for ATOZ_FUZZ_SECONDS, label fuzz. New
# inputs go to the build folder, never to the corpus: scripts/fuzz --keep does that.
option(ATOZ_FUZZ "Build libFuzzer fuzzers instead of replays (clang++, preset fuzz)" OFF)
set(ATOZ_FUZZ_SECONDS 60 CACHE STRING "How long each test with the label fuzz searches")
set(ATOZ_FUZZ_DIR ${CMAKE_SOURCE_DIR}/tests/fuzz)

if(ATOZ_FUZZ AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "ATOZ_FUZZ needs clang++: use cmake --preset fuzz")
endif()

# Builds all fuzzers and nothing that they do not need.
add_custom_target(fuzzers)

# atoz_fuzzer(NAME SOURCES … DEPS … CORPUS dir [REPLAY_PREFIXES n] [REPLAY_MUTATIONS n]
#             [TIMEOUT_S n] [LENGTH_MAX n] [FLAGS …])
# The target is fuzz_NAME. CORPUS is relative to the calling folder and holds at least one file. The
# replay runs each file of it, beginnings of each (REPLAY_PREFIXES, 256) and copies with one byte
# changed (REPLAY_MUTATIONS, 256): set both lower where one run is slow. TIMEOUT_S, 120, is the
# limit of the replay; LENGTH_MAX, 4096, of the inputs that libFuzzer makes, in bytes. FLAGS are
# more options for libFuzzer.
function(atoz_fuzzer name)
  cmake_parse_arguments(ARG "" "CORPUS;REPLAY_PREFIXES;REPLAY_MUTATIONS;TIMEOUT_S;LENGTH_MAX"
    "SOURCES;DEPS;FLAGS" ${ARGN})
  foreach(default REPLAY_PREFIXES=256 REPLAY_MUTATIONS=256 TIMEOUT_S=120 LENGTH_MAX=4096)
    string(REGEX MATCH "^([A-Z_]+)=(.*)$" unused ${default})
    if(NOT DEFINED ARG_${CMAKE_MATCH_1})
      set(ARG_${CMAKE_MATCH_1} ${CMAKE_MATCH_2})
    endif()
  endforeach()
  cmake_path(ABSOLUTE_PATH ARG_CORPUS NORMALIZE)
  set(target fuzz_${name})
  # Sanitizers end the process by abort(), so that the replay can say which input it was.
  set(environment "ASAN_OPTIONS=abort_on_error=1"
    "UBSAN_OPTIONS=abort_on_error=1:print_stacktrace=1")

  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE atoz_options ${ARG_DEPS})
  add_dependencies(fuzzers ${target})
  if(ATOZ_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    list(JOIN ARG_FLAGS " " flags)
    set_property(GLOBAL APPEND_STRING PROPERTY ATOZ_FUZZERS
      "${name}\t$<TARGET_FILE:${target}>\t${ARG_CORPUS}\t${ARG_LENGTH_MAX}\t${flags}\n")
    set(found ${CMAKE_CURRENT_BINARY_DIR}/found/${name})
    file(MAKE_DIRECTORY ${found})
    math(EXPR timeout_s "${ATOZ_FUZZ_SECONDS} + 120")
    add_test(NAME fuzz.${name}
      COMMAND ${target} -max_total_time=${ATOZ_FUZZ_SECONDS} -rss_limit_mb=512 -timeout=5
        -max_len=${ARG_LENGTH_MAX} -print_final_stats=1 -artifact_prefix=${found}/ ${ARG_FLAGS}
        ${found} ${ARG_CORPUS})
    set_tests_properties(fuzz.${name} PROPERTIES
      LABELS fuzz TIMEOUT ${timeout_s} ENVIRONMENT "${environment}")
  else()
    target_sources(${target} PRIVATE ${ATOZ_FUZZ_DIR}/replay_main.cc)
    add_test(NAME fuzz_replay.${name}
      COMMAND ${target} ${ARG_REPLAY_PREFIXES} ${ARG_REPLAY_MUTATIONS} ${ARG_CORPUS})
    set_tests_properties(fuzz_replay.${name} PROPERTIES
      LABELS fuzz_replay TIMEOUT ${ARG_TIMEOUT_S} ENVIRONMENT "${environment}")
  endif()
endfunction()

# Writes fuzzers.tsv for scripts/fuzz: name, program, corpus, length, flags. Call it after the last
# fuzzer.
function(atoz_list_fuzzers)
  get_property(lines GLOBAL PROPERTY ATOZ_FUZZERS)
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/fuzzers.tsv CONTENT "${lines}")
endfunction()
