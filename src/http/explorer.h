#pragma once

#include <string>

#include "http/request.h"
#include "http/response.h"

namespace eider::http {

// What the explorer page shows of its node.
struct NodeLabel {
  std::string_view name;
  std::string_view version;
};

// Answers a GET of "/", "/admin" or below: the explorer page and its files, which are part of the binary.
Response AnswerExplorer(const Request& request, const NodeLabel& node);

}  // namespace eider::http
