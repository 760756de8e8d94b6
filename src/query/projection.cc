#include "query/projection.h"

#include <rapidjson/document.h>

#include "base/json.h"
#include "base/text.h"

namespace eider::query {
namespace {

void AppendSelected(const graphql::CollectContext& context, const graphql::CollectedField& field,
                    const rapidjson::Value& value, std::string& out) {
  const graphql::Type& type = *field.definition->type.named();
  if (value.IsArray()) {
    out.push_back('[');
    for (const rapidjson::Value& item : value.GetArray()) {
      if (out.back() != '[') out.push_back(',');
      AppendSelected(context, field, item, out);
    }
    out.push_back(']');
    return;
  }
  if (!type.IsComposite() || !value.IsObject()) {
    out.append(JsonTextOf(value));
    return;
  }
  out.push_back('{');
  for (const graphql::CollectedField& child : graphql::CollectSubfields(context, type, field)) {
    if (out.back() != '{') out.push_back(',');
    AppendJsonString(out, child.response_name);
    out.push_back(':');
    const auto member =
        value.FindMember(rapidjson::Value(child.name().data(), static_cast<unsigned>(child.name().size())));
    if (child.name() == "__typename") {
      AppendJsonString(out, type.name);
    } else if (member == value.MemberEnd()) {
      out.append("null");
    } else {
      AppendSelected(context, child, member->value, out);
    }
  }
  out.push_back('}');
}

}  // namespace

Status AppendProjected(const graphql::CollectContext& context, const graphql::CollectedField& field,
                       const std::string& json, std::string& out) {
  if (!field.definition->type.named()->IsComposite()) {
    out.append(json);
    return {};
  }
  rapidjson::Document document;
  document.Parse<rapidjson::kParseFullPrecisionFlag>(json.data(), json.size());
  if (document.HasParseError()) return Error(ErrorCode::kInternal, "a built-in function gave no JSON");
  AppendSelected(context, field, document, out);
  return {};
}

}  // namespace eider::query
