#include "planner/session_value.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/json.h"
#include "graphql/coerce.h"
#include "graphql/print.h"
#include "planner/bind_value.h"
#include "planner/temporal_input.h"

namespace eider::planner {

using graphql::ValueKind;

namespace {

constexpr std::string_view kAuth = "$auth.";
constexpr std::string_view kNow = "$now";

const graphql::Value* Text(std::string_view text, graphql::Arena& arena) {
  if (text.empty()) return nullptr;
  graphql::Value value;
  value.kind = ValueKind::kString;
  value.text = text;
  return arena.New<graphql::Value>(value);
}

const graphql::Value* Integer(std::string_view text, graphql::Arena& arena) {
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || code != std::errc() || end != text.data() + text.size()) return nullptr;
  graphql::Value value;
  value.kind = ValueKind::kInt;
  value.text = arena.CopyText(std::to_string(number));
  return arena.New<graphql::Value>(value);
}

const graphql::Value* Moment(std::int64_t microseconds, graphql::Arena& arena) {
  graphql::Value value;
  value.kind = ValueKind::kString;
  const auto text = TemporalFromSeconds(static_cast<double>(microseconds) / 1e6, catalog::ScalarKind::kTimestamp);
  value.text = arena.CopyText(text.value_or(""));
  return arena.New<graphql::Value>(value);
}

// A part of the identity that claims cannot shadow; nothing = `name` is no such part.
std::optional<const graphql::Value*> BuiltIn(std::string_view name, const auth::Identity& who, graphql::Arena& arena) {
  const auth::Identity* original = who.impersonated_by.get();
  static const std::string kNone;
  if (name == "user_id") return Text(who.user_id, arena);
  if (name == "user_name") return Text(who.user_name, arena);
  if (name == "user_id_int") return Integer(who.user_id, arena);
  if (name == "role") return Text(who.role, arena);
  if (name == "auth_type") return Text(who.auth_type, arena);
  if (name == "provider") return Text(who.auth_provider, arena);
  if (name == "impersonated_by_role") return Text(original == nullptr ? kNone : original->role, arena);
  if (name == "impersonated_by_user_id") return Text(original == nullptr ? kNone : original->user_id, arena);
  if (name == "impersonated_by_user_name") return Text(original == nullptr ? kNone : original->user_name, arena);
  return std::nullopt;
}

// A claim by its name, or by the path of names that dots part.
const rapidjson::Value* Claim(const rapidjson::Value& claims, std::string_view name) {
  if (const rapidjson::Value* whole = FindMember(claims, name)) return whole;
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const rapidjson::Value* inner = FindMember(claims, name.substr(0, dot));
  return inner == nullptr ? nullptr : Claim(*inner, name.substr(dot + 1));
}

bool IsNumberText(std::string_view text) {
  double number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && code == std::errc() && end == text.data() + text.size();
}

// As a value of `type`; nothing when it does not fit.
std::optional<engine::Value> Converted(graphql::Value value, const graphql::Type* type) {
  switch (value.kind) {
    case ValueKind::kString:
    case ValueKind::kInt:
    case ValueKind::kFloat:
    case ValueKind::kBoolean: break;
    default: return std::nullopt;
  }
  if (type == nullptr) {
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
    if (value.kind == ValueKind::kInt && code == std::errc()) return engine::Value(number);
    return engine::Value(std::string(value.text));
  }
  if (type->name == "Boolean") {
    if (value.text != "true" && value.text != "false") return std::nullopt;
    return engine::Value(value.text == "true");
  }
  if (type->kind == graphql::TypeKind::kEnum) {
    if (type->FindEnumValue(value.text) == nullptr) return std::nullopt;
    return engine::Value(std::string(value.text));
  }
  if (type->name == "String" || type->name == "ID") return engine::Value(std::string(value.text));
  if (type->name == "Float" && value.kind == ValueKind::kString && IsNumberText(value.text)) {
    value.kind = ValueKind::kFloat;
  }
  BoundRoot scratch;
  ValueBinder binder(nullptr, scratch);
  const BoundValue bound = binder.Bind(value, graphql::TypeRef(type), true, 0);
  if (binder.error() || bound.kind != BoundKind::kParameter || scratch.parameters.empty()) return std::nullopt;
  return std::move(scratch.parameters.front());
}

bool IsScalar(const graphql::Value& value) {
  return value.kind != ValueKind::kNull && value.kind != ValueKind::kList && value.kind != ValueKind::kObject;
}

// As JSON text; nothing when it is neither a scalar nor, where a list may stand, a list of scalars with at least one.
std::optional<engine::Value> JsonOf(const graphql::Value& value, bool may_be_list) {
  const bool is_list = may_be_list && value.kind == ValueKind::kList && !value.items().empty() &&
                       std::ranges::all_of(value.items(), IsScalar);
  if (!is_list && !IsScalar(value)) return std::nullopt;
  std::string json;
  graphql::PrintJson(value, &json);
  return engine::Value(std::move(json));
}

bool AreEqual(const engine::Value& a, const engine::Value& b) {
  const auto* list = std::get_if<engine::ValueList>(&a.data);
  const auto* other = std::get_if<engine::ValueList>(&b.data);
  if (list != nullptr && other != nullptr) return std::ranges::equal(*list, *other, AreEqual);
  if (list != nullptr || other != nullptr || a.data.index() != b.data.index()) return false;
  return std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, engine::ValueList>) {
          return false;
        } else {
          return value == std::get<T>(b.data);
        }
      },
      a.data);
}

// NULL when there is no fitting value.
engine::Value Resolve(const SessionValue& wanted, const Requester& requester) {
  graphql::Arena arena;
  const graphql::Value* found = FindPlaceholder(wanted.placeholder, requester, arena);
  if (found == nullptr) return {};
  if (wanted.type != nullptr && wanted.type->name == "JSON") {
    return JsonOf(*found, wanted.is_list).value_or(engine::Value());
  }
  if (!wanted.is_list) return Converted(*found, wanted.type).value_or(engine::Value());
  engine::ValueList list;
  const auto items = found->kind == ValueKind::kList ? found->items() : std::span<const graphql::Value>(found, 1);
  for (const graphql::Value& item : items) {
    auto value = Converted(item, wanted.type);
    if (!value) return {};
    list.push_back(std::move(*value));
  }
  return {std::move(list)};
}

}  // namespace

bool SessionValue::Equals(const SessionValue& other) const {
  if (kind != other.kind || is_list != other.is_list || type != other.type) return false;
  switch (kind) {
    case Kind::kConstant: return AreEqual(constant, other.constant);
    case Kind::kPlaceholder: return placeholder == other.placeholder;
    case Kind::kResolved:
      return std::ranges::equal(needed, other.needed,
                                [](const SessionValue& a, const SessionValue& b) { return a.Equals(b); });
  }
  return false;
}

bool IsPlaceholder(std::string_view text) {
  if (!text.starts_with("[$") || !text.ends_with(']')) return false;
  return text.substr(1, text.size() - 2).find_first_of("[] \t\r\n\"'") == std::string_view::npos;
}

const graphql::Value* FindPlaceholder(std::string_view name, const Requester& requester, graphql::Arena& arena) {
  if (name == kNow) return Moment(requester.now_us, arena);
  if (!name.starts_with(kAuth) || requester.identity == nullptr) return nullptr;
  name.remove_prefix(kAuth.size());
  if (const auto known = BuiltIn(name, *requester.identity, arena)) return *known;
  if (requester.identity->claims == nullptr) return nullptr;
  const rapidjson::Value* claim = Claim(*requester.identity->claims, name);
  if (claim == nullptr || claim->IsNull()) return nullptr;
  const auto value = graphql::JsonToValue(*claim, arena);
  return value ? *value : nullptr;
}

engine::Parameters SessionParameters(std::span<const SessionValue> values, const Requester& requester) {
  engine::Parameters out;
  out.reserve(values.size());
  for (const SessionValue& value : values) {
    switch (value.kind) {
      case SessionValue::Kind::kConstant: out.push_back(value.constant); break;
      case SessionValue::Kind::kPlaceholder: out.push_back(Resolve(value, requester)); break;
      case SessionValue::Kind::kResolved:
        out.emplace_back(std::ranges::none_of(
            value.needed, [&](const SessionValue& needed) { return Resolve(needed, requester).is_null(); }));
    }
  }
  return out;
}

engine::Parameters PickParameters(const std::vector<int>& map, const engine::Parameters& request,
                                  const engine::Parameters& session) {
  engine::Parameters out;
  out.reserve(map.size());
  for (const int index : map) {
    out.push_back(index >= 0 ? request[static_cast<std::size_t>(index)]
                             : session[static_cast<std::size_t>(-1 - index)]);
  }
  return out;
}

}  // namespace eider::planner
