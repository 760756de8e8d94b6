# RapidJSON's headers, from a copy in the build folder: clang 19 refuses an assignment operator of Debian's that
# assigns to constants and that nobody calls.
find_path(EIDER_RAPIDJSON rapidjson/document.h REQUIRED)
set(rapidjson_copy "${PROJECT_BINARY_DIR}/rapidjson")
file(COPY "${EIDER_RAPIDJSON}/rapidjson" DESTINATION "${rapidjson_copy}")
file(READ "${rapidjson_copy}/rapidjson/document.h" header)
string(REPLACE
  "GenericStringRef& operator=(const GenericStringRef& rhs) { s = rhs.s; length = rhs.length; }"
  "GenericStringRef& operator=(const GenericStringRef& rhs) = delete;" header "${header}")
file(CONFIGURE OUTPUT "${rapidjson_copy}/rapidjson/document.h" CONTENT "@header@" @ONLY)
include_directories(BEFORE SYSTEM "${rapidjson_copy}")
