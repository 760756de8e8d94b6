# eider_go_module(<variable> <name> <header> <title>): the folder of a pinned Go module that brings
# C sources or archives, which cmake/<name> pins; ends with a message when it cannot be had.
function(eider_go_module variable name header title)
  execute_process(COMMAND "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/go_module.sh" "${name}" "${header}"
    OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
  if(failed)
    string(TOUPPER "${name}" upper)
    message(FATAL_ERROR "${title} could not be fetched; run ./x setup or set EIDER_${upper}_DIR")
  endif()
  set(${variable} "${folder}" PARENT_SCOPE)
endfunction()
