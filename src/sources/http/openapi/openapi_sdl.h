#pragma once

#include <rapidjson/document.h>

#include <string>
#include <string_view>

#include "base/result.h"

// OpenAPI 3 documents as SDL (14.3).
namespace eider::sources::openapi {

// Where a document stands, and what its calls are relative to.
struct Place {
  std::string document_url;
  std::string base_url;         // Without a slash at the end.
  bool base_is_server = false;  // Whatever the document says of servers.
};

// What a document comes to. `security_schemes` points into the document, null when it has none.
struct Description {
  std::string sdl;
  const rapidjson::Value* security_schemes = nullptr;
};

// Reads JSON or YAML. Fails with kBadInput and the place, line and column where the text goes wrong.
Result<rapidjson::Document> ReadDocument(std::string_view text);

// Types and functions for everything below `paths`. Fails with kBadInput and the JSON pointer of what is broken. What a
// document may say but SDL has no word for becomes JSON.
Result<Description> DescribeApi(const rapidjson::Value& document, const Place& place);

}  // namespace eider::sources::openapi
