#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace eider::http {

// A complete answer that is known at once.
struct Response {
  int status = 200;
  std::string_view content_type = "application/json; charset=utf-8";  // Of static storage.
  std::string body;
  std::string_view static_body;                 // Of static storage; sent instead of `body` when it is not empty.
  std::string headers;                          // Further header lines, each with its line end.
  std::optional<std::uint64_t> schema_version;  // Of another node that has answered; nothing = this one's.
  bool close = false;

  std::string_view bytes() const { return static_body.empty() ? std::string_view(body) : static_body; }
};

// What the head of an answer says beside its own headers.
struct HeadOptions {
  int status = 200;
  std::string_view content_type;
  std::string_view content_encoding;            // Empty = none.
  std::optional<std::uint64_t> content_length;  // Nothing = chunked.
  std::string_view headers;
  std::string_view date;
  std::string_view request_id;
  std::optional<std::uint64_t> schema_version;
  bool close = false;
  bool http10 = false;
};

// Appends status line and headers, with the empty line behind them.
void AppendHead(std::string& out, const HeadOptions& options);

// An error as a GraphQL response object, with the status and the header X-Eider-Error-Code for its code. `extended`
// adds the member `extensions.code`.
Response ErrorResponse(ErrorCode code, std::string_view message, bool extended);

// The same with a status that no error code stands for.
Response ErrorResponse(int status, ErrorCode code, std::string_view message, bool extended);

// What a path answers to other methods than `allowed`, such as "GET, HEAD".
Response NotAllowed(std::string_view allowed);

// What a path answers that does not exist.
Response NotFound(std::string_view path);

// A refusal as plain text, with status 400.
Response PlainError(std::string message);

// Adds the request's id to the one error of an extended ErrorResponse().
void AddRequestId(Response& response, std::string_view request_id);

// [{"message":…,"extensions":{"code":…}}]
std::string ErrorListOf(ErrorCode code, std::string_view message);

// {"errors":[{"message":…}]}, with `extensions.code` when `extended`.
std::string ErrorBody(ErrorCode code, std::string_view message, bool extended);

// The present time for the header Date.
std::string FormatDate();

}  // namespace eider::http
