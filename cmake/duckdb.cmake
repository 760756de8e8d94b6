# eider::duckdb: the embedded engine's C header and static archives, fetched once per machine.
set(EIDER_DUCKDB_DIR "" CACHE PATH "Folder with duckdb.h and DuckDB's static archives (empty: fetch)")

if(EIDER_DUCKDB_DIR)
  set(duckdb_dir "${EIDER_DUCKDB_DIR}")
else()
  eider_go_module(duckdb_dir duckdb duckdb.h "DuckDB")
endif()

file(GLOB duckdb_archives "${duckdb_dir}/*.a")
if(NOT duckdb_archives OR NOT EXISTS "${duckdb_dir}/duckdb.h")
  message(FATAL_ERROR "no duckdb.h or no archives in ${duckdb_dir}")
endif()

add_library(eider_duckdb INTERFACE)
add_library(eider::duckdb ALIAS eider_duckdb)
target_include_directories(eider_duckdb SYSTEM INTERFACE "${duckdb_dir}")
# The archives refer to each other in circles.
target_link_libraries(eider_duckdb INTERFACE
  -Wl,--start-group ${duckdb_archives} -Wl,--end-group pthread dl)
