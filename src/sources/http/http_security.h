#pragma once

#include <rapidjson/document.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fetch/http_client.h"
#include "jq/program.h"

namespace eider::sources {

// How an HTTP source makes itself known: x-hugr-security (14.3).
struct HttpSecurity {
  enum class Type { kNone, kApiKey, kBasic, kBearer, kOauth2 };
  enum class Place { kHeader, kQuery, kCookie };

  Type type = Type::kNone;
  std::string scheme_name;  // Of the OpenAPI document, which then tells what is not given here.
  bool is_complete = true;  // False while it waits for that.
  Place in = Place::kHeader;
  std::string name;     // Of the header, parameter or cookie.
  std::string api_key;  // Also the token of bearer.
  std::string username;
  std::string password;
  std::string client_id;
  std::string client_secret;
  // Of oauth2.
  bool is_password_flow = false;
  std::string token_url;
  std::string refresh_url;  // Empty = the token URL.
  std::string scope;
  std::shared_ptr<const jq::Program> token_transform;    // Over the answer of the token URL; null = none.
  std::shared_ptr<const jq::Program> refresh_transform;  // The same of the refresh URL.

  // Every text that must not be shown.
  std::vector<std::string> Secrets() const;
};

// Reads the option; an empty text is no security. What it does not know or cannot use is refused, without quoting it.
Result<HttpSecurity> ParseHttpSecurity(std::string_view json);

// The same with what `schemes` (components.securitySchemes) says of its scheme_name.
Result<HttpSecurity> CompleteSecurity(std::string_view json, const rapidjson::Value* schemes);

// Adds an API key or the Authorization of basic and bearer to a request.
void ApplySecurity(const HttpSecurity& security, fetch::Request& request);

// Adds an oauth2 token.
void ApplyToken(const std::string& token, fetch::Request& request);

}  // namespace eider::sources
