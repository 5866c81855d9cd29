# ge_precompiled(target standard|tests): compiles the target's C++ sources with cmake/precompiled/<name>.h parsed already.
# It takes a third off a clean build of the sanitized preset. Does nothing unless GE_PRECOMPILED is on.
#
# Not CMake's own target_precompile_headers: that makes one file for each target, and its absolute paths keep ccache from
# sharing objects between two checkouts. Here one file serves all, and ccache looks at its .sum (what it is made from).
option(GE_PRECOMPILED "Parse common headers once (clang only)" OFF)

function(ge_add_precompiled name)
  set(header ${CMAKE_SOURCE_DIR}/cmake/precompiled/${name}.h)
  set(output ${CMAKE_BINARY_DIR}/precompiled/${name}.pch)
  get_target_property(options ge_flags INTERFACE_COMPILE_OPTIONS)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  separate_arguments(flags NATIVE_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}")
  list(APPEND flags ${options} -std=c++${CMAKE_CXX_STANDARD} ${ARGN})
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} --version OUTPUT_VARIABLE version)
  file(SHA256 ${CMAKE_SOURCE_DIR}/cmake/precompiled/standard.h standard)
  file(SHA256 ${header} content)
  string(SHA256 key "${standard} ${content} ${flags} ${version}")
  file(CONFIGURE OUTPUT ${output}.sum CONTENT "${key}\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header} ${CMAKE_SOURCE_DIR}/cmake/precompiled/standard.h)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_CXX_COMPILER} ${flags} -x c++-header -Xclang -fno-pch-timestamp -Xclang -fpch-instantiate-templates
      -MD -MF ${output}.d -MT precompiled/${name}.pch -c ${header} -o ${output}
    DEPENDS ${header} ${output}.sum DEPFILE ${output}.d COMMENT "Precompiling ${name}.h" VERBATIM)
  add_custom_target(ge_precompiled_${name} DEPENDS ${output})
endfunction()

if(GE_PRECOMPILED)
  ge_add_precompiled(standard)
  ge_add_precompiled(tests -DGTEST_HAS_PTHREAD=1)
endif()

function(ge_precompiled target name)
  if(NOT GE_PRECOMPILED)
    return()
  endif()
  set(output ${CMAKE_BINARY_DIR}/precompiled/${name}.pch)
  add_dependencies(${target} ge_precompiled_${name})
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:SHELL:-include-pch ${output} -Xclang -fno-pch-timestamp>)
  get_target_property(sources ${target} SOURCES)
  set_property(SOURCE ${sources} TARGET_DIRECTORY ${target} APPEND PROPERTY OBJECT_DEPENDS ${output})
endfunction()
