# The C++ library of applications as a package (docs/sdk.md): one archive of lib/sdk and all of ours below it, the headers
# that its users see, a CMake package and a pkg-config file. `cmake --install build/release --component sdk --prefix DIR`.
include(GNUInstallDirs)

set(GE_SDK_ARCHIVE ${CMAKE_BINARY_DIR}/package/libgodseye-sdk.a)
set(sdk_parts ge_sdk ge_ddtrace ge_llmobs ge_msgpack ge_protobuf ge_dogstatsd ge_signal ge_base)
set(sdk_script "CREATE ${GE_SDK_ARCHIVE}\n")
foreach(part IN LISTS sdk_parts)
  string(APPEND sdk_script "ADDLIB $<TARGET_FILE:${part}>\n")
endforeach()
string(APPEND sdk_script "SAVE\nEND\n")
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/package/archive.mri CONTENT "${sdk_script}")
add_custom_command(OUTPUT ${GE_SDK_ARCHIVE}
  COMMAND ${CMAKE_AR} -M < ${CMAKE_BINARY_DIR}/package/archive.mri
  DEPENDS ${sdk_parts} ${CMAKE_BINARY_DIR}/package/archive.mri VERBATIM)
add_custom_target(sdk-package DEPENDS ${GE_SDK_ARCHIVE})

# What an application's link needs besides the archive; the same names in both files below.
set(GE_SDK_MODULES "libcurl simdjson libxxhash spdlog")
# The way from the installed files up to the prefix: libraries may be in lib/<machine>.
file(RELATIVE_PATH GE_SDK_UP /prefix/${CMAKE_INSTALL_LIBDIR}/cmake/godseye-sdk /prefix)
file(RELATIVE_PATH GE_SDK_PC_UP /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
file(CONFIGURE OUTPUT package/godseye-sdkConfig.cmake @ONLY CONTENT [[
# find_package(godseye-sdk): the target godseye::sdk.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(PkgConfig)
foreach(module IN ITEMS @GE_SDK_MODULES@)
  if(NOT TARGET PkgConfig::godseye_sdk_${module})
    pkg_check_modules(godseye_sdk_${module} REQUIRED QUIET IMPORTED_TARGET ${module})
  endif()
  list(APPEND godseye_sdk_uses PkgConfig::godseye_sdk_${module})
endforeach()
get_filename_component(godseye_sdk_prefix "${CMAKE_CURRENT_LIST_DIR}/@GE_SDK_UP@" ABSOLUTE)
if(NOT TARGET godseye::sdk)
  add_library(godseye::sdk STATIC IMPORTED)
  set_target_properties(godseye::sdk PROPERTIES
    IMPORTED_LOCATION "${godseye_sdk_prefix}/@CMAKE_INSTALL_LIBDIR@/libgodseye-sdk.a"
    INTERFACE_INCLUDE_DIRECTORIES "${godseye_sdk_prefix}/@CMAKE_INSTALL_INCLUDEDIR@"
    INTERFACE_COMPILE_FEATURES cxx_std_20
    INTERFACE_LINK_LIBRARIES "${godseye_sdk_uses};Threads::Threads")
endif()
]])
file(CONFIGURE OUTPUT package/godseye-sdk.pc @ONLY CONTENT [[
prefix=${pcfiledir}/@GE_SDK_PC_UP@
Name: godseye-sdk
Description: Metrics, traces, LLM spans and logs of a C++ program, for Godseye or a Datadog Agent
Version: @PROJECT_VERSION@
Requires: @GE_SDK_MODULES@
Libs: -L${prefix}/@CMAKE_INSTALL_LIBDIR@ -lgodseye-sdk -pthread
Cflags: -I${prefix}/@CMAKE_INSTALL_INCLUDEDIR@
]])
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/package/godseye-sdkConfigVersion.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)

install(FILES ${GE_SDK_ARCHIVE} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT sdk)
install(DIRECTORY lib/sdk/include/godseye DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT sdk FILES_MATCHING PATTERN "*.h")
foreach(header assert clock error result)
  install(FILES lib/base/include/godseye/base/${header}.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/godseye/base COMPONENT sdk)
endforeach()
install(FILES ${CMAKE_BINARY_DIR}/package/godseye-sdkConfig.cmake ${CMAKE_BINARY_DIR}/package/godseye-sdkConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/godseye-sdk COMPONENT sdk)
install(FILES ${CMAKE_BINARY_DIR}/package/godseye-sdk.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT sdk)
