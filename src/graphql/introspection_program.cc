#include "graphql/introspection_program.h"

#include "base/text.h"

namespace eider::graphql::introspection {
namespace {

struct MemberName {
  std::string_view name;
  Member member;
};

constexpr MemberName kMembers[] = {
    {"__typename", Member::kTypename},
    {"name", Member::kName},
    {"description", Member::kDescription},
    {"kind", Member::kKind},
    {"fields", Member::kFields},
    {"interfaces", Member::kInterfaces},
    {"possibleTypes", Member::kPossibleTypes},
    {"enumValues", Member::kEnumValues},
    {"inputFields", Member::kInputFields},
    {"ofType", Member::kOfType},
    {"specifiedByURL", Member::kSpecifiedByUrl},
    {"isOneOf", Member::kIsOneOf},
    {"hugr_type", Member::kHugrType},
    {"module", Member::kModule},
    {"catalog", Member::kCatalog},
    {"args", Member::kArgs},
    {"type", Member::kType},
    {"isDeprecated", Member::kIsDeprecated},
    {"deprecationReason", Member::kDeprecationReason},
    {"mcp_exclude", Member::kMcpExclude},
    {"field_kind", Member::kFieldKind},
    {"defaultValue", Member::kDefaultValue},
    {"isRepeatable", Member::kIsRepeatable},
    {"locations", Member::kLocations},
    {"types", Member::kTypes},
    {"queryType", Member::kQueryType},
    {"mutationType", Member::kMutationType},
    {"subscriptionType", Member::kSubscriptionType},
    {"directives", Member::kDirectives},
};

Member FindMember(std::string_view name) {
  for (const MemberName& known : kMembers) {
    if (known.name == name) return known.member;
  }
  return Member::kNull;
}

GraphqlResult<bool> IncludesDeprecated(const CollectContext& context, const CollectedField& field) {
  if (field.definition->arguments.empty()) return false;
  auto arguments = ResolveArguments(field.definition->arguments, field.node().arguments, context.variables,
                                    context.variables.arena());
  if (!arguments) return tl::unexpected(std::move(arguments).error());
  const Value* value = arguments->front().value;
  return value != nullptr && value->AsBool();
}

bool ListsMembers(Member member) {
  return member == Member::kFields || member == Member::kInterfaces || member == Member::kPossibleTypes ||
         member == Member::kEnumValues || member == Member::kInputFields;
}

}  // namespace

GraphqlResult<std::unique_ptr<Program>> Compile(const CollectContext& context, const CollectedField& field,
                                                size_t depth, size_t max_depth) {
  auto program = std::make_unique<Program>();
  const Type& type = *field.definition->type.named();
  program->type_name = type.name;
  for (const CollectedField& selected : CollectSubfields(context, type, field)) {
    Program::Step& step = program->steps.emplace_back();
    step.label = program->steps.size() == 1 ? "{" : ",";
    AppendJsonString(step.label, selected.response_name);
    step.label.push_back(':');
    step.member = FindMember(selected.definition->name);
    if (selected.definition->type.named()->IsLeaf()) continue;
    // What `ofType` can reach is bounded by the type itself.
    const size_t inner_depth = step.member == Member::kOfType ? depth : depth + 1;
    if (inner_depth > max_depth) {
      step.member = Member::kNull;
      continue;
    }
    auto include_deprecated = IncludesDeprecated(context, selected);
    if (!include_deprecated) return tl::unexpected(std::move(include_deprecated).error());
    step.include_deprecated = *include_deprecated;
    auto inner = Compile(context, selected, inner_depth, max_depth);
    if (!inner) return inner;
    step.inner = std::move(*inner);
    if (ListsMembers(step.member) || !step.inner->is_shallow) program->is_shallow = false;
  }
  return program;
}

}  // namespace eider::graphql::introspection
