#pragma once

#include <rapidjson/document.h>

#include <string>

namespace eider::cli {

// The query whose answer SdlOfIntrospection() reads.
extern const char kIntrospectionQuery[];

// Prints the `__schema` of an introspection answer as SDL. Members that are missing count as empty.
std::string SdlOfIntrospection(const rapidjson::Value& schema);

}  // namespace eider::cli
