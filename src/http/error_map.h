#pragma once

#include <string_view>

#include "base/error.h"

namespace eider::http {

// The status of an answer in application/json that ends with this error. What happened while executing is 200: the
// body is a GraphQL response object.
int StatusOf(ErrorCode code);

// The status of a GraphQL response object without `data` in application/graphql-response+json, by its wire code; an
// unknown code counts as a mistake in the request.
int GraphqlResponseStatus(std::string_view code_name);

}  // namespace eider::http
