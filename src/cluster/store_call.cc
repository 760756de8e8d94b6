#include "cluster/store_call.h"

#include <chrono>
#include <utility>

#include "base/json.h"

namespace eider::cluster {
namespace {

using rapidjson::Value;

constexpr ErrorCode kPassedCodes[] = {ErrorCode::kBadInput,        ErrorCode::kNotFound, ErrorCode::kConstraint,
                                      ErrorCode::kCoreUnavailable, ErrorCode::kTimeout,  ErrorCode::kForbidden,
                                      ErrorCode::kInternal};

std::string JsonOf(const engine::Value& value) {
  if (const auto* flag = std::get_if<bool>(&value.data)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value.data)) return std::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&value.data)) return JsonTextOf(*text);
  return "null";
}

engine::Value ValueOf(const Value& json) {
  if (json.IsBool()) return json.GetBool();
  if (json.IsInt64()) return json.GetInt64();
  if (json.IsString()) return std::string(json.GetString(), json.GetStringLength());
  return {};
}

// No version ever counts as far.
constexpr std::int64_t kMostCounted = std::int64_t{1} << 50;

const Value* ListMember(const Value& object, std::string_view name) {
  const Value* found = FindMember(object, name);
  return found != nullptr && found->IsArray() ? found : nullptr;
}

std::string JsonOf(const CoreVersions& versions) {
  return "[" + std::to_string(versions.schema) + "," + std::to_string(versions.permission) + "," +
         std::to_string(versions.storage) + "," + std::to_string(versions.rows) + "]";
}

CoreVersions VersionsOf(const Value& object, std::string_view name) {
  const Value* found = ListMember(object, name);
  if (found == nullptr || found->Size() != 4) return {};
  const auto number = [&](rapidjson::SizeType at) -> std::int64_t {
    const Value& value = (*found)[at];
    return value.IsInt64() && value.GetInt64() < kMostCounted ? value.GetInt64() : 0;
  };
  return {number(0), number(1), number(2), number(3)};
}

engine::Parameters ParametersOf(const Value& call) {
  engine::Parameters parameters;
  const Value* found = ListMember(call, "parameters");
  if (found == nullptr) return parameters;
  for (const Value& value : found->GetArray()) parameters.push_back(ValueOf(value));
  return parameters;
}

CoreChange ChangeOf(const Value& call) {
  CoreChange change;
  if (const Value* statements = ListMember(call, "statements"); statements != nullptr) {
    for (const Value& statement : statements->GetArray()) change.statements.push_back(PlainTextOf(statement));
  }
  if (const Value* lease = FindMember(call, "lease"); lease != nullptr) {
    change.lease = LeaseToken{NumberMember(*lease, "epoch"), TextMember(*lease, "incarnation")};
  }
  if (FindMember(call, "rows_version") != nullptr) change.rows_version = NumberMember(call, "rows_version");
  return change;
}

std::string JsonOf(const std::vector<engine::TextRow>& rows) {
  std::string json = "[";
  for (const engine::TextRow& row : rows) {
    json.append(json.size() > 1 ? ",[" : "[");
    for (std::size_t i = 0; i < row.size(); ++i) {
      json.append(i == 0 ? "" : ",").append(row[i] ? JsonTextOf(*row[i]) : "null");
    }
    json.push_back(']');
  }
  return json + "]";
}

// The member that the answer to a call has beside those of every answer.
Result<std::string> Do(MemoryCoreStore& store, const Value& call, const Deadline& deadline) {
  const std::string kind = TextMember(call, "kind");
  if (kind == kStoreRead) {
    EIDER_ASSIGN_OR_RETURN(const auto rows, store.Read(TextMember(call, "sql"), ParametersOf(call), deadline));
    return "\"rows\":" + JsonOf(rows);
  }
  if (kind == kStoreChange) {
    EIDER_ASSIGN_OR_RETURN(const auto changed, store.Change(TextMember(call, "sql"), ParametersOf(call), deadline));
    return "\"changed\":" + std::to_string(changed);
  }
  if (kind == kStoreApply) {
    EIDER_RETURN_IF_ERROR(store.Apply(ChangeOf(call), deadline));
    return std::string("\"changed\":0");
  }
  if (kind != kStoreVersions) return Error(ErrorCode::kBadInput, "no call of the core database: " + kind);
  const std::string seen_in = TextMember(call, "store");
  const bool is_other = !seen_in.empty() && seen_in != store.position().store;
  if (is_other) EIDER_RETURN_IF_ERROR(store.Rise(VersionsOf(call, "seen")));
  EIDER_ASSIGN_OR_RETURN(const CoreVersions versions, store.Versions(deadline));
  return "\"versions\":" + JsonOf(versions);
}

std::string JsonOf(const StorePosition& position) {
  return "{\"store\":" + JsonTextOf(position.store) + ",\"number\":" + std::to_string(position.number) + "}";
}

StorePosition PositionOf(const Value& object) {
  const Value* found = FindMember(object, "position");
  if (found == nullptr) return {};
  return {TextMember(*found, "store"), NumberMember(*found, "number")};
}

}  // namespace

std::string StatementCall(std::string_view kind, std::string_view sql, const engine::Parameters& parameters) {
  std::string json = "{\"kind\":" + JsonTextOf(kind) + ",\"sql\":" + JsonTextOf(sql) + ",\"parameters\":[";
  for (const engine::Value& value : parameters) json.append(json.back() == '[' ? "" : ",").append(JsonOf(value));
  return json + "]}";
}

std::string ApplyCall(const CoreChange& change) {
  std::string json = "{\"kind\":" + JsonTextOf(kStoreApply) + ",\"statements\":[";
  for (const std::string& statement : change.statements) {
    json.append(json.back() == '[' ? "" : ",").append(JsonTextOf(statement));
  }
  json.push_back(']');
  if (change.lease) {
    json.append(",\"lease\":{\"epoch\":").append(std::to_string(change.lease->epoch));
    json.append(",\"incarnation\":").append(JsonTextOf(change.lease->incarnation)).append("}");
  }
  if (change.rows_version) json.append(",\"rows_version\":").append(std::to_string(*change.rows_version));
  return json + "}";
}

std::string VersionsCall(const CoreVersions& seen, std::string_view store) {
  return "{\"kind\":" + JsonTextOf(kStoreVersions) + ",\"seen\":" + JsonOf(seen) + ",\"store\":" + JsonTextOf(store) +
         "}";
}

std::string AnswerStoreCall(MemoryCoreStore& store, const Value& call, const Deadline& deadline) {
  const auto done = Do(store, call, deadline);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::string json = "{\"position\":" + JsonOf(store.position());
  json.append(",\"now\":");
  json.append(std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(now).count()));
  if (done) return json + "," + *done + "}";
  json.append(",\"error\":{\"code\":").append(JsonTextOf(ErrorCodeName(done.error().code)));
  return json.append(",\"message\":").append(JsonTextOf(done.error().message)).append("}}");
}

Result<StoreAnswer> ReadStoreAnswer(const Value& json) {
  StoreAnswer answer;
  answer.position = PositionOf(json);
  if (answer.position.store.empty()) {
    return Error(ErrorCode::kCoreUnavailable, "the management node gives an answer of another form");
  }
  if (const Value* error = FindMember(json, "error"); error != nullptr) {
    const std::string code = TextMember(*error, "code");
    for (const ErrorCode known : kPassedCodes) {
      if (code == ErrorCodeName(known)) return Error(known, TextMember(*error, "message"));
    }
    return Error(ErrorCode::kCoreUnavailable, TextMember(*error, "message"));
  }
  answer.now_us = NumberMember(json, "now");
  answer.changed = NumberMember(json, "changed");
  answer.versions = VersionsOf(json, "versions");
  const Value* rows = ListMember(json, "rows");
  if (rows == nullptr) return answer;
  for (const Value& row : rows->GetArray()) {
    engine::TextRow& out = answer.rows.emplace_back();
    if (!row.IsArray()) continue;
    for (const Value& value : row.GetArray()) {
      out.push_back(value.IsNull() ? std::nullopt : std::optional<std::string>(PlainTextOf(value)));
    }
  }
  return answer;
}

std::string ToJson(const StoreNews& news) {
  std::string json = "{\"position\":" + JsonOf(news.position) + ",\"events\":[";
  for (const CoreEvent& event : news.events) {
    json.append(json.back() == '[' ? "[" : ",[").append(JsonTextOf(event.channel));
    json.append(",").append(JsonTextOf(event.payload)).append("]");
  }
  return json + "]}";
}

Result<StoreNews> StoreNewsFromJson(const Value& json) {
  const Error bad(ErrorCode::kBadInput, "not what a management node announces");
  StoreNews news;
  news.position = PositionOf(json);
  const Value* events = ListMember(json, "events");
  if (news.position.store.empty() || events == nullptr) return bad;
  for (const Value& event : events->GetArray()) {
    if (!event.IsArray() || event.Size() != 2 || !event[0].IsString() || !event[1].IsString()) return bad;
    news.events.push_back({PlainTextOf(event[0]), PlainTextOf(event[1])});
  }
  return news;
}

}  // namespace eider::cluster
