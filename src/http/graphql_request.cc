#include "http/graphql_request.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "base/exact_number.h"
#include "base/json.h"
#include "base/text.h"
#include "config/load.h"
#include "http/url.h"

namespace eider::http {
namespace {

using Value = rapidjson::Value;

Error Refuse(std::string message) { return {ErrorCode::kBadInput, std::move(message)}; }

// Passes JSON events on to a document. Reads numbers itself: RapidJSON's exact reading of some numbers with hundreds of
// digits runs off its tables. Stops at a nesting that could exhaust the stack of who walks the document later.
class VariablesReader {
 public:
  explicit VariablesReader(rapidjson::Document& document) : document_(document) {}

  bool Null() { return document_.Null(); }
  bool Bool(bool value) { return document_.Bool(value); }
  bool Int(int value) { return document_.Int(value); }
  bool Uint(unsigned value) { return document_.Uint(value); }
  bool Int64(std::int64_t value) { return document_.Int64(value); }
  bool Uint64(std::uint64_t value) { return document_.Uint64(value); }
  bool Double(double value) { return document_.Double(value); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool copy);
  bool String(const char* text, rapidjson::SizeType size, bool copy) { return document_.String(text, size, copy); }
  bool Key(const char* text, rapidjson::SizeType size, bool copy) { return document_.Key(text, size, copy); }
  bool StartObject() { return Enter() && document_.StartObject(); }
  bool EndObject(rapidjson::SizeType count) { return Leave() && document_.EndObject(count); }
  bool StartArray() { return Enter() && document_.StartArray(); }
  bool EndArray(rapidjson::SizeType count) { return Leave() && document_.EndArray(count); }

  // Why the reading was stopped.
  std::string_view refusal() const { return refusal_; }
  // Whether a number was kept by its digits.
  bool marked() const { return marked_; }

 private:
  static constexpr int kMaxDepth = 200;

  bool Enter() {
    if (++depth_ <= kMaxDepth) return true;
    refusal_ = "the JSON is nested too deeply";
    return false;
  }
  bool Leave() { return --depth_ >= 0; }

  rapidjson::Document& document_;
  int depth_ = 0;
  std::string_view refusal_;
  bool marked_ = false;
};

bool VariablesReader::RawNumber(const char* text, rapidjson::SizeType size, bool /*copy*/) {
  const char* end = text + size;
  const auto read = [&](auto& value) {
    const auto [rest, error] = std::from_chars(text, end, value);
    return error == std::errc() && rest == end;
  };
  std::int64_t integer = 0;
  if (read(integer)) return document_.Int64(integer);
  std::uint64_t large = 0;
  if (read(large)) return document_.Uint64(large);
  double real = 0;
  // What is too small for a double, or too large, is not read.
  if (!read(real)) real = std::strtod(std::string(text, size).c_str(), nullptr);
  if (std::isfinite(real) && NeedsExactNumber({text, size})) {
    const std::string marked = MarkedNumber({text, size});
    marked_ = true;
    return document_.String(marked.data(), static_cast<rapidjson::SizeType>(marked.size()), true);
  }
  if (std::isfinite(real)) return document_.Double(real);
  refusal_ = "the JSON holds a number that is too large";
  return false;
}

// Only variables are read by those who know numbers that are kept by their digits.
void ReadMarkedNumbers(Value& value) {
  if (value.IsArray()) {
    for (Value& item : value.GetArray()) ReadMarkedNumbers(item);
  } else if (value.IsObject()) {
    for (auto& member : value.GetObject()) {
      if (member.name != "variables") ReadMarkedNumbers(member.value);
    }
  } else if (value.IsString()) {
    const std::string digits(ExactNumber({value.GetString(), value.GetStringLength()}));
    if (!digits.empty()) value.SetDouble(std::strtod(digits.c_str(), nullptr));
  }
}

Status ParseJson(std::string_view text, rapidjson::Document& document, bool is_variables = false) {
  rapidjson::Reader reader;
  rapidjson::MemoryStream stream(text.data(), text.size());
  std::string_view refusal;
  bool marked = false;
  const auto generate = [&](rapidjson::Document& target) {
    VariablesReader variables(target);
    // Iterative, so that nesting costs no stack; also refuses text behind the value and broken UTF-8.
    constexpr unsigned kFlags =
        rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
    reader.Parse<kFlags>(stream, variables);
    refusal = variables.refusal();
    marked = variables.marked();
    return !reader.HasParseError();
  };
  document.Populate(generate);
  if (!reader.HasParseError()) {
    if (marked && !is_variables) ReadMarkedNumbers(document);
    return {};
  }
  if (!refusal.empty()) return Refuse(std::string(refusal));
  return Refuse("not valid JSON: " + std::string(rapidjson::GetParseError_En(reader.GetParseErrorCode())) +
                " At byte " + std::to_string(reader.GetErrorOffset()) + ".");
}

// One of the members that are looked at; null counts as absent.
struct Members {
  Value* query = nullptr;
  Value* variables = nullptr;
  Value* operation_name = nullptr;
  Value* extensions = nullptr;
  Value* validate_only = nullptr;
  Value* no_mutation = nullptr;
};

Members FindMembers(Value& object) {
  Members members;
  for (auto& member : object.GetObject()) {
    const std::string_view name(member.name.GetString(), member.name.GetStringLength());
    Value* value = member.value.IsNull() ? nullptr : &member.value;
    if (name == "query") members.query = value;
    if (name == "variables") members.variables = value;
    if (name == "operationName") members.operation_name = value;
    if (name == "extensions") members.extensions = value;
    if (name == "validateOnly") members.validate_only = value;
    if (name == "noMutation") members.no_mutation = value;
  }
  return members;
}

Status ReadSwitch(const Value* value, const char* name, bool& out) {
  if (value == nullptr) return {};
  if (!value->IsBool()) return Refuse(std::string("\"") + name + "\" must be true or false");
  out = value->GetBool();
  return {};
}

Status ReadTexts(const Members& members, query::GraphqlRequest& request) {
  if (members.query == nullptr) return Refuse("\"query\" is missing");
  if (!members.query->IsString()) return Refuse("\"query\" must be a string");
  request.query.assign(members.query->GetString(), members.query->GetStringLength());
  if (members.operation_name == nullptr) return {};
  if (!members.operation_name->IsString()) return Refuse("\"operationName\" must be a string");
  request.operation_name.assign(members.operation_name->GetString(), members.operation_name->GetStringLength());
  return {};
}

// Reads the members of a request. `object` lies in the document of the request's variables and is gone afterwards.
Status ReadRequest(Value& object, query::GraphqlRequest& request) {
  const Members members = FindMembers(object);
  EIDER_RETURN_IF_ERROR(ReadTexts(members, request));
  EIDER_RETURN_IF_ERROR(ReadSwitch(members.validate_only, "validateOnly", request.validate_only));
  EIDER_RETURN_IF_ERROR(ReadSwitch(members.no_mutation, "noMutation", request.no_mutation));
  if (members.extensions != nullptr && !members.extensions->IsObject()) {
    return Refuse("\"extensions\" must be an object");
  }
  if (members.variables != nullptr && !members.variables->IsObject()) return Refuse("\"variables\" must be an object");
  Value variables;
  if (members.variables != nullptr) variables = *members.variables;
  static_cast<Value&>(request.variables) = variables;
  return {};
}

// The member called `name`; nullptr when it is absent or null.
Value* FindMember(Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() || found->value.IsNull() ? nullptr : &found->value;
}

// A duration; a bare number is one of seconds.
std::optional<std::chrono::milliseconds> TimeToLive(std::string_view text) {
  const bool digits =
      !text.empty() && text.size() < 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
  const auto duration = config::ParseDuration(digits ? std::string(text) + "s" : std::string(text));
  if (!duration) return std::nullopt;
  return *duration;
}

// The rule, which is there as soon as something is said about it.
cache::Rule& RuleOf(query::JqCaching& caching) { return caching.rule ? *caching.rule : caching.rule.emplace(); }

Status ReadTimeToLive(Value& object, query::JqCaching& caching) {
  const Value* ttl = FindMember(object, "cacheTTL");
  if (ttl == nullptr) return {};
  std::optional<std::chrono::milliseconds> read;
  if (ttl->IsUint64()) {
    // A part of a millisecond counts as a whole one.
    read = std::chrono::milliseconds(static_cast<std::int64_t>((ttl->GetUint64() / 1000 + 999) / 1000));
  } else if (ttl->IsString()) {
    read = TimeToLive({ttl->GetString(), ttl->GetStringLength()});
  }
  if (!read) return Refuse("\"cacheTTL\" must be a number of nanoseconds or a duration such as \"30s\"");
  // Some clients always send the member, as zero.
  if (read->count() > 0) RuleOf(caching).ttl = *read;
  return {};
}

Status ReadCaching(Value& object, query::JqCaching& caching) {
  EIDER_RETURN_IF_ERROR(ReadTimeToLive(object, caching));
  if (const Value* key = FindMember(object, "cacheKey")) {
    if (!key->IsString()) return Refuse("\"cacheKey\" must be a string");
    if (key->GetStringLength() > 0) RuleOf(caching).key.emplace(key->GetString(), key->GetStringLength());
  }
  if (const Value* tags = FindMember(object, "cacheTags")) {
    if (!tags->IsArray()) return Refuse("\"cacheTags\" must be a list of strings");
    for (const Value& tag : tags->GetArray()) {
      if (!tag.IsString()) return Refuse("\"cacheTags\" must be a list of strings");
      RuleOf(caching).tags.emplace_back(tag.GetString(), tag.GetStringLength());
    }
  }
  return ReadSwitch(FindMember(object, "invalidateCache"), "invalidateCache", caching.fresh);
}

}  // namespace

Result<query::GraphqlRequest> ParseGraphqlBody(std::string_view body) {
  query::GraphqlRequest request;
  // The variables stay in the document that the whole body was read into: they are moved, never copied.
  rapidjson::Document& document = request.variables;
  EIDER_RETURN_IF_ERROR(ParseJson(body, document));
  if (!document.IsObject()) return Refuse("the body must be a JSON object with a member \"query\"");
  EIDER_RETURN_IF_ERROR(ReadRequest(document, request));
  return request;
}

Status ParseJsonObject(std::string_view text, rapidjson::Document& document) {
  EIDER_RETURN_IF_ERROR(ParseJson(text, document));
  return document.IsObject() ? Status() : Refuse("the message must be a JSON object");
}

Status TakeRequest(Value& object, query::GraphqlRequest& request) { return ReadRequest(object, request); }

Result<std::optional<query::Delivery>> ReadDelivery(const Value& request) {
  const Value* extensions = request.IsObject() ? eider::FindMember(request, "extensions") : nullptr;
  const Value* delivery = extensions == nullptr ? nullptr : eider::FindMember(*extensions, "delivery");
  if (delivery == nullptr || delivery->IsNull()) return std::nullopt;
  if (delivery->IsString()) {
    const std::string_view text(delivery->GetString(), delivery->GetStringLength());
    if (text == "row") return query::Delivery::kRows;
    if (text == "result") return query::Delivery::kResults;
  }
  return Refuse(R"("extensions.delivery" must be "row" or "result")");
}

Result<query::GraphqlRequest> ParseJqBody(std::string_view body) {
  query::GraphqlRequest request;
  rapidjson::Document& document = request.variables;
  EIDER_RETURN_IF_ERROR(ParseJson(body, document));
  if (!document.IsObject()) return Refuse("the body must be a JSON object with the members \"jq\" and \"query\"");
  EIDER_RETURN_IF_ERROR(ReadCaching(document, request.jq_caching));
  request.jq.emplace();
  if (const Value* program = FindMember(document, "jq")) {
    if (!program->IsString()) return Refuse("\"jq\" must be a string");
    request.jq->assign(program->GetString(), program->GetStringLength());
  }
  Value* query = FindMember(document, "query");
  if (query == nullptr || !query->IsObject()) return Refuse("\"query\" must be an object with a member \"query\"");
  EIDER_RETURN_IF_ERROR(ReadRequest(*query, request));
  return request;
}

Result<query::JqCaching> ReadCacheHeaders(const CacheHeaders& headers) {
  query::JqCaching caching;
  if (!headers.ttl.empty()) {
    const auto ttl = TimeToLive(headers.ttl);
    if (!ttl) return Refuse("the header X-Hugr-Cache must be a number of seconds or a duration such as 30s");
    if (ttl->count() > 0) RuleOf(caching).ttl = *ttl;
  }
  if (!headers.key.empty()) RuleOf(caching).key = headers.key;
  for (std::string_view tag : SplitText(headers.tags, ',')) {
    while (tag.starts_with(' ')) tag.remove_prefix(1);
    while (tag.ends_with(' ')) tag.remove_suffix(1);
    if (!tag.empty()) RuleOf(caching).tags.emplace_back(tag);
  }
  if (!headers.invalidate.empty() && headers.invalidate != "true" && headers.invalidate != "false") {
    return Refuse("the header X-Hugr-Cache-Invalidate must be true or false");
  }
  caching.fresh = headers.invalidate == "true";
  return caching;
}

Result<query::GraphqlRequest> ParseGraphqlParameters(std::string_view query_string) {
  query::GraphqlRequest request;
  request.over_get = true;
  bool has_query = false;
  std::string_view name;
  std::string_view encoded;
  while (TakeParameter(query_string, name, encoded)) {
    auto value = PercentDecode(encoded, true);
    if (!value) return Refuse("the query string is not percent-encoded as it should be");
    if (name == "query") {
      request.query = std::move(*value);
      has_query = true;
    } else if (name == "operationName") {
      request.operation_name = std::move(*value);
    } else if (name == "validate_only") {
      request.validate_only = *value == "true";
    } else if (name == "no_mutation") {
      request.no_mutation = *value == "true";
    } else if (name == "variables" && !value->empty()) {
      EIDER_RETURN_IF_ERROR(ParseJson(*value, request.variables, true));
      if (!request.variables.IsObject() && !request.variables.IsNull())
        return Refuse("\"variables\" must be a JSON object");
    }
  }
  if (!has_query) return Refuse("\"query\" is missing");
  return request;
}

}  // namespace eider::http
