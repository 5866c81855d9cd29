# The shop (docs/shop.md) in CMake: one function for a proto file, one for a library.

# shop_proto(name [GRPC] [FOLDER path] [USES other..])
#
# Library `shop_proto_<name>` from shop/proto/vcommerce/v1/<name>.proto (or another FOLDER of shop/proto): messages, and with
# GRPC the stubs of its services. Generated into build/<preset>/shop/proto; included as "vcommerce/v1/<name>.pb.h" and
# "…grpc.pb.h". Warnings and UndefinedBehaviorSanitizer are off for the generated code alone. USES: other proto files that
# this one imports.
function(shop_proto name)
  cmake_parse_arguments(A "GRPC" "FOLDER" "USES" ${ARGN})
  if(NOT A_FOLDER)
    set(A_FOLDER vcommerce/v1)
  endif()
  set(root ${CMAKE_SOURCE_DIR}/shop/proto)
  set(out ${CMAKE_BINARY_DIR}/shop/proto)
  set(stem ${out}/${A_FOLDER}/${name})
  set(made ${stem}.pb.cc ${stem}.pb.h)
  set(arguments --cpp_out=${out})
  if(A_GRPC)
    list(APPEND made ${stem}.grpc.pb.cc ${stem}.grpc.pb.h)
    list(APPEND arguments --grpc_out=${out} --plugin=protoc-gen-grpc=${GE_GRPC_CPP_PLUGIN})
  endif()
  set(imports "")
  foreach(used IN LISTS A_USES)
    list(APPEND imports ${root}/vcommerce/v1/${used}.proto)
  endforeach()
  file(MAKE_DIRECTORY ${out})
  add_custom_command(OUTPUT ${made}
    COMMAND ${GE_PROTOC} -I ${root} ${arguments} ${A_FOLDER}/${name}.proto
    DEPENDS ${root}/${A_FOLDER}/${name}.proto ${imports} VERBATIM)
  set(lib shop_proto_${name})
  set(sources ${made})
  list(FILTER sources INCLUDE REGEX "\\.cc$")
  add_library(${lib} STATIC ${made})
  set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS "-w;-fno-sanitize=undefined" SKIP_LINTING ON)
  set_target_properties(${lib} PROPERTIES CXX_CLANG_TIDY "")
  target_include_directories(${lib} SYSTEM PUBLIC ${out})
  list(TRANSFORM A_USES PREPEND shop_proto_)
  target_link_libraries(${lib} PUBLIC ge::grpc ${A_USES} PRIVATE ge_flags)
endfunction()

# shop_library(name DOOR h.. SOURCES cpp.. [USES target..] [HIDES target..] [TESTS cpp..] [TEST_USES target..] [FUZZ cpp..])
#
# Library `shop_<name>` in shop/<name>, as ge_library is for lib/<name>: door headers under include/vcommerce/<name>/ that
# compile alone, private headers beside the sources, one test executable, fuzz targets whose corpora ctest replays.
function(shop_library name)
  cmake_parse_arguments(A "" "" "DOOR;SOURCES;USES;HIDES;TESTS;TEST_USES;FUZZ" ${ARGN})
  set(lib shop_${name})
  add_library(${lib} STATIC ${A_SOURCES})
  target_sources(${lib} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${A_DOOR})
  set_target_properties(${lib} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  target_include_directories(${lib} PRIVATE src)
  target_link_libraries(${lib} PUBLIC ${A_USES} PRIVATE ge_flags ${A_HIDES})
  ge_precompiled(${lib} standard)
  if(A_TESTS)
    ge_add_tests(shop_${name} 120 USES ${lib} ${A_HIDES} ${A_TEST_USES} SOURCES ${A_TESTS})
  endif()
  ge_add_fuzz_targets(${lib} "${A_HIDES}" ${A_FUZZ})
endfunction()
