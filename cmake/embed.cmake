# eider_embed(<name> <symbol> <file>...): eider::<name>, a library that holds the files' bytes.
# Its header "<name>.h" declares `std::string_view eider::assets::<symbol>(std::string_view file)`,
# which answers a file by its base name and an empty view for any other name.
# The target `embedded` makes them all.
function(eider_embed name symbol)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${name}")
  set(header "${folder}/${name}.h")
  set(source "${folder}/${name}.cc")
  set(generator "${PROJECT_SOURCE_DIR}/cmake/embed.py")
  add_custom_command(OUTPUT "${header}" "${source}"
    COMMAND python3 "${generator}" "${folder}" ${name} ${symbol} ${ARGN}
    DEPENDS "${generator}" ${ARGN} VERBATIM)
  add_library(eider_${name} STATIC "${source}" "${header}")
  add_library(eider::${name} ALIAS eider_${name})
  target_include_directories(eider_${name} PUBLIC "${folder}")
  if(NOT TARGET embedded)
    add_custom_target(embedded)
  endif()
  add_dependencies(embedded eider_${name})
endfunction()
