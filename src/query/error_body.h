#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "graphql/ast.h"
#include "graphql/graphql_error.h"
#include "planner/plan.h"
#include "query/service.h"

// The text of {"errors": […]} answers.
namespace eider::query {

// One error of the engine or the node; codes that clients act on are shown under `extensions`.
std::string ErrorBody(const Error& error);

// A failed plan, located in its document when the place is known.
std::string PlanErrorBody(const planner::PlanError& error, const graphql::Document& document);

// Errors of parsing and validation: message and locations only.
std::string GraphqlErrorsBody(std::span<const graphql::GraphqlError> errors);

// A message alone.
std::string MessageBody(std::string_view message);

// `body`, an error answer, with the code and the request's id in every error when the request wants that.
std::string FullErrors(std::string body, ErrorCode code, const RequestContext& context);
std::string FullErrors(std::string body, std::string_view code, const RequestContext& context);

// Whether clients see this code under `extensions`.
bool ShowsCode(ErrorCode code);

}  // namespace eider::query
