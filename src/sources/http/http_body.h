#pragma once

#include <rapidjson/document.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fetch/http_client.h"

namespace eider::sources {

// Calls `add` with every value of a JSON object as plain text, until it fails: lists item by item, null never, and what
// is no text as JSON.
Status ForEachHttpValue(const rapidjson::Value& object,
                        const std::function<Status(const std::string& name, const std::string& value)>& add);

// The header line called `name` (in lower case); null when there is none.
const std::string* FindHeader(const std::vector<std::string>& headers, std::string_view name);

// Writes the body of `request`, which is JSON or text, as its Content-Type says: a JSON object as the fields of a form
// (application/x-www-form-urlencoded) or as the parts of one (multipart/form-data), all else as it is. Without a
// Content-Type it is JSON. Fails with kBadInput for a form that is no object.
Status WriteHttpBody(fetch::Request& request);

}  // namespace eider::sources
