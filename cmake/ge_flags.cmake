# One INTERFACE target carries the flags of every target of ours; third-party headers are SYSTEM and exempt.
add_library(ge_flags INTERFACE)
target_compile_options(ge_flags INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wunused -fno-omit-frame-pointer
  # A designated initializer names what differs from the defaults; what it leaves out is meant.
  -Wno-missing-field-initializers
  # Link-time names stay readable in profiles; tables of unused functions do not reach the binary.
  -ffunction-sections -fdata-sections)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(ge_flags INTERFACE -Wthread-safety -Wextra-semi -Wnewline-eof)
  target_link_options(ge_flags INTERFACE -fuse-ld=lld)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # Fires on std::string concatenation in g++ 12's own headers (GCC bug 105651).
  target_compile_options(ge_flags INTERFACE -Wno-restrict)
endif()
target_link_options(ge_flags INTERFACE -Wl,--gc-sections)
target_compile_definitions(ge_flags INTERFACE GE_VERSION="${PROJECT_VERSION}" $<$<BOOL:${GE_ASSERTS}>:GE_DCHECKS=1>)
if(GE_SANITIZE)
  target_compile_options(ge_flags INTERFACE -fsanitize=${GE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(ge_flags INTERFACE -fsanitize=${GE_SANITIZE})
endif()
if(GE_FUZZ)
  target_compile_options(ge_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# The same without sanitizers, for child programs that cannot run with them.
add_library(ge_flags_plain INTERFACE)
foreach(property INTERFACE_COMPILE_OPTIONS INTERFACE_COMPILE_DEFINITIONS INTERFACE_LINK_OPTIONS)
  get_target_property(values ge_flags ${property})
  if(values)
    list(FILTER values EXCLUDE REGEX "sanitize")
    set_target_properties(ge_flags_plain PROPERTIES ${property} "${values}")
  endif()
endforeach()
