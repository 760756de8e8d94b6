#include "sources/http/http_security.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "fetch/url.h"

namespace eider::sources {
namespace {

using rapidjson::Value;

constexpr std::array<std::string_view, 17> kMembers = {"schema_name",
                                                       "type",
                                                       "name",
                                                       "in",
                                                       "api_key",
                                                       "scheme",
                                                       "username",
                                                       "password",
                                                       "client_id",
                                                       "token",
                                                       "client_secret",
                                                       "flow_name",
                                                       "flows",
                                                       "bearerFormat",
                                                       "scope",
                                                       "x-hugr-token-transform",
                                                       "x-hugr-refresh-transform"};

Error Bad(const std::string& what) { return Error(ErrorCode::kBadInput, "x-hugr-security: " + what); }

Status CheckMembers(const Value& object) {
  for (const auto& member : object.GetObject()) {
    const std::string_view name(member.name.GetString(), member.name.GetStringLength());
    if (std::ranges::find(kMembers, name) == kMembers.end()) {
      return Bad("unknown member \"" + std::string(name.substr(0, 40)) + "\"");
    }
    if (name != "flows" && !member.value.IsString() && !member.value.IsNull()) {
      return Bad("member \"" + std::string(name) + "\" must be a string");
    }
  }
  return {};
}

// A member of the option, else of the document's scheme.
std::string Either(const Value& own, const Value* scheme, std::string_view name) {
  std::string text = TextMember(own, name);
  return text.empty() && scheme != nullptr ? TextMember(*scheme, name) : text;
}

Result<std::shared_ptr<const jq::Program>> Transform(const Value& own, const Value& flow, std::string_view name) {
  std::string text = TextMember(own, name);
  if (text.empty()) text = TextMember(flow, name);
  if (text.empty()) return std::shared_ptr<const jq::Program>();
  auto program = jq::Program::Compile(text, {});
  if (!program) return Bad(std::string(name) + ": " + program.error().message);
  return program;
}

bool IsSet(std::string_view text) { return !text.empty(); }

Status RefuseWithout(bool given, const std::string& what) {
  if (given) return {};
  return Bad(what);
}

// Reads one kind of security into `security`.
class Reader {
 public:
  Reader(const Value& own, const Value* scheme, HttpSecurity& security)
      : own_(own),
        scheme_(scheme),
        security_(security) {}

  Status Read() {
    const std::string type = Either(own_, scheme_, "type");
    if (type == "apiKey") return ReadApiKey();
    if (type == "http") return ReadHttp();
    if (type == "oauth2") return ReadOauth();
    return Bad("type must be apiKey, http or oauth2");
  }

 private:
  Status ReadApiKey() {
    security_.type = HttpSecurity::Type::kApiKey;
    security_.name = Either(own_, scheme_, "name");
    const std::string in = Either(own_, scheme_, "in");
    security_.in = in == "query"    ? HttpSecurity::Place::kQuery
                   : in == "cookie" ? HttpSecurity::Place::kCookie
                                    : HttpSecurity::Place::kHeader;
    EIDER_RETURN_IF_ERROR(RefuseWithout(in.empty() || in == "header" || security_.in != HttpSecurity::Place::kHeader,
                                        "in must be header, query or cookie"));
    EIDER_RETURN_IF_ERROR(RefuseWithout(IsSet(security_.name), "apiKey needs the name of its header or parameter"));
    return RefuseWithout(IsSet(security_.api_key), "apiKey needs api_key");
  }

  Status ReadHttp() {
    const std::string scheme = LowerAscii(Either(own_, scheme_, "scheme"));
    if (scheme == "basic") {
      security_.type = HttpSecurity::Type::kBasic;
      return RefuseWithout(IsSet(security_.username), "basic needs username and password");
    }
    security_.type = HttpSecurity::Type::kBearer;
    EIDER_RETURN_IF_ERROR(RefuseWithout(scheme == "bearer", "scheme must be basic or bearer"));
    return RefuseWithout(IsSet(security_.api_key), "bearer needs its token as api_key");
  }

  const Value* FlowsOf(const Value* owner) const { return owner == nullptr ? nullptr : FindMember(*owner, "flows"); }

  // The flow of either name; OpenAPI calls client_credentials in another spelling.
  static const Value* FindFlow(const Value* flows, bool password) {
    if (flows == nullptr) return nullptr;
    if (password) return FindMember(*flows, "password");
    const Value* flow = FindMember(*flows, "client_credentials");
    return flow == nullptr ? FindMember(*flows, "clientCredentials") : flow;
  }

  Status ReadOauth() {
    security_.type = HttpSecurity::Type::kOauth2;
    const std::string flow_name = TextMember(own_, "flow_name");
    const Value* own_flows = FlowsOf(&own_);
    const Value* flows = FlowsOf(scheme_);
    const bool has_password = FindFlow(own_flows, true) != nullptr || FindFlow(flows, true) != nullptr;
    security_.is_password_flow = flow_name == "password" || (flow_name.empty() && has_password);
    EIDER_RETURN_IF_ERROR(RefuseWithout(flow_name.empty() || flow_name == "password" ||
                                            flow_name == "client_credentials" || flow_name == "clientCredentials",
                                        "flow_name must be password or client_credentials"));
    const Value* own_flow = FindFlow(own_flows, security_.is_password_flow);
    const Value* flow = FindFlow(flows, security_.is_password_flow);
    static const Value kNothing(rapidjson::kObjectType);
    const Value& first = own_flow != nullptr ? *own_flow : kNothing;
    security_.token_url = Either(first, flow, "tokenUrl");
    security_.refresh_url = Either(first, flow, "refreshUrl");
    security_.scope = Either(own_, &first, "scope");
    EIDER_RETURN_IF_ERROR(RefuseWithout(IsSet(security_.token_url), "oauth2 needs flows with a tokenUrl"));
    EIDER_ASSIGN_OR_RETURN(security_.token_transform, Transform(own_, first, "x-hugr-token-transform"));
    EIDER_ASSIGN_OR_RETURN(security_.refresh_transform, Transform(own_, first, "x-hugr-refresh-transform"));
    if (security_.is_password_flow) return RefuseWithout(IsSet(security_.username), "the password flow needs username");
    return RefuseWithout(IsSet(security_.client_id), "the client_credentials flow needs client_id");
  }

  const Value& own_;
  const Value* scheme_;
  HttpSecurity& security_;
};

// The secret takes the place of whatever the caller gave under its name.
void SetHeader(const std::string& name, const std::string& value, fetch::Request& request) {
  const std::string lower = LowerAscii(name);
  std::erase_if(request.headers, [&](const std::string& header) {
    return LowerAscii(std::string_view(header).substr(0, header.find_first_of(":;"))) == lower;
  });
  request.headers.push_back(name + ": " + value);
}

}  // namespace

std::vector<std::string> HttpSecurity::Secrets() const {
  std::vector<std::string> secrets;
  for (const std::string* text : {&api_key, &password, &client_secret}) {
    if (!text->empty()) secrets.push_back(*text);
  }
  return secrets;
}

Result<HttpSecurity> ParseHttpSecurity(std::string_view json) { return CompleteSecurity(json, nullptr); }

Result<HttpSecurity> CompleteSecurity(std::string_view json, const Value* schemes) {
  HttpSecurity security;
  if (json.empty()) return security;
  rapidjson::Document own;
  own.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (own.HasParseError() || !own.IsObject()) {
    return Bad("it must be a JSON object, percent-encoded as a part of the URL");
  }
  EIDER_RETURN_IF_ERROR(CheckMembers(own));
  security.scheme_name = TextMember(own, "schema_name");
  security.api_key = TextMember(own, "api_key");
  if (security.api_key.empty()) security.api_key = TextMember(own, "token");
  security.username = TextMember(own, "username");
  security.password = TextMember(own, "password");
  security.client_id = TextMember(own, "client_id");
  security.client_secret = TextMember(own, "client_secret");
  const Value* scheme = schemes == nullptr ? nullptr : FindMember(*schemes, security.scheme_name);
  const bool waits = schemes == nullptr && !security.scheme_name.empty() && TextMember(own, "type").empty();
  if (waits) {
    security.is_complete = false;
    return security;
  }
  EIDER_RETURN_IF_ERROR(Reader(own, scheme, security).Read());
  return security;
}

void ApplySecurity(const HttpSecurity& security, fetch::Request& request) {
  if (security.type == HttpSecurity::Type::kBasic) {
    SetHeader("Authorization", "Basic " + Base64(security.username + ":" + security.password), request);
  } else if (security.type == HttpSecurity::Type::kBearer) {
    SetHeader("Authorization", "Bearer " + security.api_key, request);
  } else if (security.type != HttpSecurity::Type::kApiKey) {
    return;
  } else if (security.in == HttpSecurity::Place::kHeader) {
    SetHeader(security.name, security.api_key, request);
  } else if (security.in == HttpSecurity::Place::kQuery) {
    request.url.append(request.url.find('?') == std::string::npos ? "?" : "&");
    request.url.append(fetch::EncodeUrl(security.name)).append("=").append(fetch::EncodeUrl(security.api_key));
  } else {
    SetHeader("Cookie", security.name + "=" + security.api_key, request);
  }
}

void ApplyToken(const std::string& token, fetch::Request& request) {
  SetHeader("Authorization", "Bearer " + token, request);
}

}  // namespace eider::sources
