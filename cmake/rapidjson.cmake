# RapidJSON's headers, from a corrected copy in the build folder. Newer versions than Debian's need no correction, and
# lack the text that is replaced.
find_path(EIDER_RAPIDJSON rapidjson/document.h REQUIRED)
set(rapidjson_copy "${PROJECT_BINARY_DIR}/rapidjson")
if(NOT EXISTS "${rapidjson_copy}/rapidjson/document.h")
  file(COPY "${EIDER_RAPIDJSON}/rapidjson" DESTINATION "${rapidjson_copy}")
endif()

# clang 19 refuses an assignment operator that assigns to constants; nobody calls it.
set(header "${rapidjson_copy}/rapidjson/document.h")
file(READ "${header}" text)
string(REPLACE
  "GenericStringRef& operator=(const GenericStringRef& rhs) { s = rhs.s; length = rhs.length; }"
  "GenericStringRef& operator=(const GenericStringRef& rhs) = delete;" text "${text}")
file(CONFIGURE OUTPUT "${header}" CONTENT "@text@" @ONLY)

include_directories(BEFORE SYSTEM "${rapidjson_copy}")
