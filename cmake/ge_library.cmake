# ge_library(name DOOR h.. SOURCES cpp.. [USES target..] [HIDES target..] [TESTS cpp..] [BENCHES cpp..] [FUZZ cpp..])
#
# Declares library `ge_<name>` in lib/<name>, everything about it in one place:
#   DOOR     headers under include/godseye/<name>/: the only ones other libraries can include. Each must compile alone.
#   SOURCES  under src/, private headers beside them (they are not on anyone else's include path).
#   USES     targets whose types appear in the door (`ge_base`, `ge::spdlog`). HIDES: used by the sources alone.
#   TESTS    one GoogleTest executable `<name>_tests`; TEST_USES adds what only the tests link.
#   BENCHES  one Google Benchmark executable each, named by its file (`dogstatsd_bench`).
#   FUZZ     fuzz/<x>_fuzz.cpp with LLVMFuzzerTestOneInput; its corpus fuzz/<x>_corpus/ is replayed by ctest in every
#            preset, and with -DGE_FUZZ=ON a libFuzzer executable `<x>_fuzz` is built as well.
# A probe executable links the whole archive with its declared targets only: an undeclared link is a build failure.
function(ge_library name)
  cmake_parse_arguments(A "" "" "DOOR;SOURCES;USES;HIDES;TESTS;TEST_USES;BENCHES;FUZZ" ${ARGN})
  set(lib ge_${name})
  add_library(${lib} STATIC ${A_SOURCES})
  target_sources(${lib} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${A_DOOR})
  set_target_properties(${lib} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  target_include_directories(${lib} PRIVATE src)
  target_link_libraries(${lib} PUBLIC ${A_USES} PRIVATE ge_flags ${A_HIDES})
  ge_precompiled(${lib} standard)

  set(probe ${CMAKE_BINARY_DIR}/probe/${name}.cpp)
  file(CONFIGURE OUTPUT ${probe} CONTENT "int main() { return 0; }\n")
  add_executable(${lib}_links ${probe})
  set_target_properties(${lib}_links PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/probe)
  target_link_libraries(${lib}_links PRIVATE ge_flags $<LINK_LIBRARY:WHOLE_ARCHIVE,${lib}>)

  if(GE_LINKABLE_ONLY)
    return()
  endif()
  if(A_TESTS)
    ge_add_tests(${name} 300 USES ${lib} ${A_HIDES} ${A_TEST_USES} SOURCES ${A_TESTS})
  endif()
  foreach(source ${A_BENCHES})
    get_filename_component(bench ${source} NAME_WE)
    add_executable(${bench} ${source})
    target_include_directories(${bench} PRIVATE src)
    target_link_libraries(${bench} PRIVATE ge_flags ${lib} ${A_HIDES} benchmark::benchmark)
    set_target_properties(${bench} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
  endforeach()
  ge_add_fuzz_targets(${lib} "${A_HIDES}" ${A_FUZZ})
endfunction()

function(ge_add_library_folder name)
  if(EXISTS ${CMAKE_SOURCE_DIR}/lib/${name}/CMakeLists.txt)
    add_subdirectory(lib/${name})
  endif()
endfunction()

# ge_add_tests(name seconds USES target.. SOURCES cpp..): one GoogleTest executable `<name>_tests`, which ctest knows as
# `unit.<name>` and ends after so many seconds.
function(ge_add_tests name seconds)
  cmake_parse_arguments(A "" "" "USES;SOURCES" ${ARGN})
  add_executable(${name}_tests ${A_SOURCES})
  target_include_directories(${name}_tests PRIVATE src tests)
  target_link_libraries(${name}_tests PRIVATE ge_flags ${A_USES} GTest::gtest GTest::gmock GTest::gtest_main)
  ge_precompiled(${name}_tests tests)
  set_target_properties(${name}_tests PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME unit.${name} COMMAND ${name}_tests WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  set_tests_properties(unit.${name} PROPERTIES LABELS unit TIMEOUT ${seconds})
endfunction()

# ge_add_fuzz_targets(library "uses;.." cpp..): for each fuzz/<x>_fuzz.cpp the replay of its corpus, and libFuzzer's executable
# where GE_FUZZ asks for it.
function(ge_add_fuzz_targets lib uses)
  foreach(source ${ARGN})
    get_filename_component(fuzz ${source} NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" subject ${fuzz})
    add_executable(${fuzz}_replay ${source} ${CMAKE_SOURCE_DIR}/cmake/fuzz_replay.cpp)
    target_include_directories(${fuzz}_replay PRIVATE src)
    target_link_libraries(${fuzz}_replay PRIVATE ge_flags ${lib} ${uses})
    set_target_properties(${fuzz}_replay PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
    add_test(NAME fuzz.${subject} COMMAND ${fuzz}_replay ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/${subject}_corpus)
    set_tests_properties(fuzz.${subject} PROPERTIES LABELS fuzz TIMEOUT 120)
    if(GE_FUZZ)
      add_executable(${fuzz} ${source})
      target_include_directories(${fuzz} PRIVATE src)
      target_link_libraries(${fuzz} PRIVATE ge_flags ${lib} ${uses})
      target_link_options(${fuzz} PRIVATE -fsanitize=fuzzer)
      set_target_properties(${fuzz} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
    endif()
  endforeach()
endfunction()
