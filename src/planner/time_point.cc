#include "planner/time_point.h"

#include "base/text.h"
#include "planner/dialect.h"

namespace eider::planner {

using catalog::FieldKind;
using catalog::TimeTravel;

namespace {

bool IsChange(const BoundField& root) {
  if (root.binding == nullptr) return false;
  switch (root.binding->kind) {
    case FieldKind::kInsert:
    case FieldKind::kInsertMany:
    case FieldKind::kUpsert:
    case FieldKind::kUpsertMany:
    case FieldKind::kUpdate:
    case FieldKind::kDelete: return true;
    default: return false;
  }
}

std::optional<TimePoint> ReadArgument(const graphql::ResolvedArgument& argument, const ZoneOffset& zone) {
  const graphql::Value& value = *argument.value;
  if (argument.definition->name == "version") {
    const bool digits = !value.text.empty() && value.text.find_first_not_of("0123456789") == std::string_view::npos;
    return digits ? std::optional(TimePoint{true, std::string(value.text)}) : std::nullopt;
  }
  if (value.kind != graphql::ValueKind::kString) return std::nullopt;
  auto text = NormalizeTemporal(value.text, catalog::ScalarKind::kTimestamp, zone);
  return text ? std::optional(TimePoint{false, std::move(*text)}) : std::nullopt;
}

}  // namespace

void BindTimePoint(const graphql::CollectContext& context, const graphql::CollectedField& field, const ZoneOffset& zone,
                   ValueBinder& values, const BoundField& root, BoundField& out) {
  const graphql::Directive* directive = field.FindDirective("at");
  if (directive == nullptr) return;
  if (IsChange(root)) return values.Fail(directive->position, "@at directive is not allowed on mutations");
  if (&root != &out) {
    return values.Fail(directive->position, "@at directive is only allowed on root fields; it holds for all below");
  }
  const auto resolved = graphql::ResolveArguments(context.schema.FindDirective("at")->arguments, directive->arguments,
                                                  context.variables, context.variables.arena());
  if (!resolved) return values.Fail(directive->position, resolved.error().message);
  for (const graphql::ResolvedArgument& argument : *resolved) {
    if (argument.value == nullptr || argument.value->IsNull()) continue;
    if (out.at) return values.Fail(directive->position, "@at takes a version or a timestamp, not both");
    out.at = ReadArgument(argument, zone);
    if (!out.at) {
      return values.Fail(directive->position, "@at: not a " + std::string(argument.definition->name) + ": " +
                                                  std::string(argument.value->text));
    }
  }
  if (!out.at) values.Fail(directive->position, "@at needs a version or a timestamp");
}

void ApplyTimePoint(Statement& statement, const BoundField& root) {
  if (!root.at) return;
  const catalog::Source& source = *root.binding->object->source;
  if (source.traits.time_travel == TimeTravel::kNone) {
    return statement.Fail(root.position, "@at: data source \"" + source.name + "\" keeps no history of its rows");
  }
  statement.SetTimePoint(source, *root.at);
}

std::string TableAt(Statement& statement, const catalog::DataObject& object, graphql::Position position) {
  std::string table = statement.dialect().TableName(object);
  const TimePoint* at = statement.TimePointOf(object.source);
  if (at == nullptr) return table;
  const std::string moment =
      at->is_version ? at->text : "CAST(" + QuoteLiteral(at->text) + " AS TIMESTAMP WITH TIME ZONE)";
  if (object.source->traits.time_travel == TimeTravel::kMacro) {
    // "catalog"."main"."books" has its macros beside it.
    table.insert(table.size() - 1, at->is_version ? " at version" : " at time");
    return table + "(" + moment + ")";
  }
  if (object.kind == catalog::ObjectKind::kView) {
    statement.Fail(position, "@at: " + object.name + " is a view, which has no history of its own");
  }
  return "(SELECT * FROM " + table + " AT (" + (at->is_version ? "VERSION" : "TIMESTAMP") + " => " + moment + "))";
}

}  // namespace eider::planner
