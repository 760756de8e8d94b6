# eider::h3: the H3 library as a static archive of its own C sources, fetched once per machine.
set(EIDER_H3_DIR "" CACHE PATH "Folder with H3's C sources as its Go module has them (empty: fetch)")

if(EIDER_H3_DIR)
  set(h3_dir "${EIDER_H3_DIR}")
else()
  eider_go_module(h3_dir h3 h3_h3api.h "H3")
endif()

file(GLOB h3_sources "${h3_dir}/h3_*.c")
if(NOT h3_sources OR NOT EXISTS "${h3_dir}/h3_h3api.h")
  message(FATAL_ERROR "no h3_h3api.h or no C sources in ${h3_dir}")
endif()

enable_language(C)
add_library(eider_h3 STATIC ${h3_sources})
add_library(eider::h3 ALIAS eider_h3)
target_include_directories(eider_h3 SYSTEM PUBLIC "${h3_dir}")
# Not our code to warn about, and our warnings are for C++.
set_target_properties(eider_h3 PROPERTIES COMPILE_OPTIONS -w)
target_link_libraries(eider_h3 PUBLIC m)
