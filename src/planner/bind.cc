#include "planner/bind.h"

#include <charconv>

#include "catalog/scalars.h"
#include "planner/access.h"
#include "planner/bind_value.h"
#include "planner/time_point.h"

namespace eider::planner {

using catalog::FieldKind;

namespace {

// Whether an argument's scalars vary between executions of one plan.
bool TakesParameters(const catalog::FieldBinding& binding, std::string_view argument) {
  switch (binding.kind) {
    case FieldKind::kSelectByPk:
    case FieldKind::kSelectUnique: return argument != "similarity";
    case FieldKind::kFunction:
    case FieldKind::kMutationFunction: return false;
    default: return argument == "filter" || argument == "args" || argument == "data" || argument == "vector";
  }
}

// Whether the field's arguments are those of a function that a source declares.
bool IsCall(const catalog::FieldBinding& binding) {
  return binding.function != nullptr || binding.call != nullptr ||
         (binding.relation != nullptr && binding.relation->call != nullptr);
}

// Metres by which _spatial widens a geometry at most.
constexpr int kWidestBuffer = 5000;

class Binder {
 public:
  Binder(const BindContext& context, BoundRoot& root) : context_(context), root_(root), values_(context.zone, root) {}

  PlanResult<void> Bind(const graphql::CollectedField& field) {
    root_.field.access = context_.access;
    BindField(field, root_.field);
    if (root_.field.unnest) values_.Fail(root_.field.position, "@unnest needs a list of related rows");
    if (context_.no_pushdown && !root_.field.no_pushdown) {
      root_.field.no_pushdown = true;
      root_.key.push_back('!');
    }
    if (values_.error()) return tl::unexpected(*values_.error());
    return {};
  }

 private:
  void BindField(const graphql::CollectedField& field, BoundField& out) {
    out.response_name = field.response_name;
    out.def = field.definition;
    out.parent = field.parent;
    out.position = field.position();
    out.binding = catalog::BindingOf(*field.definition);
    if (context_.access != nullptr) out.rule_filter = context_.access->FilterOf(*field.parent, *field.definition);
    out.with_deleted = field.FindDirective("with_deleted") != nullptr;
    BindTimePoint(context_.collect, field, context_.zone, values_, root_.field, out);
    std::string& key = root_.key;
    key.append(field.response_name).append(":").append(field.definition->name);
    out.unnest = field.FindDirective("unnest") != nullptr;
    if (out.with_deleted) key.push_back('^');
    if (out.unnest) key.push_back('/');
    out.no_pushdown = field.FindDirective("no_pushdown") != nullptr;
    if (out.no_pushdown) key.push_back('!');
    if (out.at) key.append(out.at->is_version ? "@v" : "@t").append(out.at->text);
    // What an insert selects comes first, so that its plan does not depend on the data.
    const bool data_last = InsertsRows(out);
    if (data_last) {
      BindSelection(field, out);
      root_.selection_key = key.size();
      root_.selection_parameters = root_.parameters.size();
    }
    if (!field.definition->arguments.empty()) BindArguments(field, out);
    if (!data_last) BindSelection(field, out);
  }

  void BindSelection(const graphql::CollectedField& field, BoundField& out) {
    std::string& key = root_.key;
    const graphql::Type* type = field.definition->type.named();
    if (!type->IsComposite()) {
      key.push_back(';');
      return;
    }
    key.append("{").append(type->name).push_back(' ');
    const auto children = graphql::CollectSubfields(context_.collect, *type, field);
    out.children.resize(children.size());
    for (std::size_t i = 0; i < children.size(); ++i) {
      BindField(children[i], out.children[i]);
      if (out.binding == nullptr) continue;
      if (out.binding->kind == FieldKind::kDynamicJoin) Tie(out, out.children[i]);
      if (out.binding->kind == FieldKind::kDynamicSpatial) TieByPlace(out, out.children[i]);
    }
    CheckUnnest(out);
    key.push_back('}');
  }

  void BindArguments(const graphql::CollectedField& field, BoundField& out) {
    if (IsWrite(out)) {
      for (const graphql::Argument& argument : field.node().arguments) {
        if (argument.name == "filter") CheckWriteVariables(argument.value, {}, out);
      }
    }
    const auto resolved = graphql::ResolveArguments(field.definition->arguments, field.node().arguments,
                                                    context_.collect.variables, context_.collect.variables.arena());
    if (!resolved) {
      values_.Fail(out.position, resolved.error().message);
      return;
    }
    for (const graphql::ResolvedArgument& argument : *resolved) {
      if (argument.value == nullptr) continue;
      if (out.binding != nullptr && IsCall(*out.binding)) {
        BindCallArgument(argument, out);
        continue;
      }
      // The advertised default limit is the planner's to apply, so that it differs from a given one.
      if (argument.node == nullptr && argument.definition->name == "limit") continue;
      const bool parameters = out.binding != nullptr && TakesParameters(*out.binding, argument.definition->name);
      root_.key.append("(").append(argument.definition->name).push_back('=');
      values_.KeepNulls(argument.definition->name == "data");
      const graphql::TypeRef type = argument.definition->type;
      const bool of_view = parameters && argument.definition->name == "args" && !argument.value->IsNull() &&
                           type.named()->kind == graphql::TypeKind::kInputObject;
      out.arguments.emplace_back(argument.definition->name,
                                 of_view ? values_.BindViewArguments(*argument.value, *type.named(), out.position)
                                         : values_.Bind(*argument.value, type, parameters, out.position));
      root_.key.push_back(')');
    }
  }

  static bool InsertsRows(const BoundField& field) {
    if (field.binding == nullptr) return false;
    const FieldKind kind = field.binding->kind;
    return kind == FieldKind::kInsert || kind == FieldKind::kInsertMany || kind == FieldKind::kUpsert ||
           kind == FieldKind::kUpsertMany;
  }

  // Functions take objects as JSON, and scalars as parameters.
  void BindCallArgument(const graphql::ResolvedArgument& argument, BoundField& out) {
    const graphql::TypeRef type = argument.definition->type;
    const bool is_document =
        type.named()->kind == graphql::TypeKind::kInputObject && argument.value->kind != graphql::ValueKind::kNull;
    root_.key.append("(").append(argument.definition->name).push_back('=');
    out.call_arguments.push_back({std::string(argument.definition->name),
                                  is_document ? values_.BindDocument(*argument.value, out.position)
                                              : values_.Bind(*argument.value, type, true, out.position)});
    root_.key.push_back(')');
  }

  // Makes a member of _join or _spatial a relation between the object that has it and the member's; null for what is no
  // member.
  catalog::Relation* MakeRelation(const BoundField& join, BoundField& member) {
    if (member.binding == nullptr || member.binding->object == nullptr) return nullptr;
    if (root_.tied == nullptr) root_.tied = std::make_shared<TiedRelations>();
    catalog::Relation& relation = root_.tied->relations.emplace_back();
    relation.name = member.response_name;
    relation.field = member.response_name;
    relation.kind = catalog::RelationKind::kJoin;
    relation.from = join.binding->object;
    relation.to = member.binding->object;
    relation.in_filters = false;
    catalog::FieldBinding& binding = root_.tied->bindings.emplace_back(*member.binding);
    binding.relation = &relation;
    member.binding = &binding;
    return &relation;
  }

  // The geometry that the argument `field` names.
  const catalog::Column* GeometryOf(const BoundField& field, const catalog::DataObject& object) {
    const BoundValue* name = field.Argument("field");
    const catalog::Column* column = name == nullptr ? nullptr : object.FindColumn(name->text);
    CheckNamed(object, column);
    if (column != nullptr && column->kind == catalog::ScalarKind::kGeometry && !column->is_list) return column;
    values_.Fail(field.position, "field \"" + (name == nullptr ? std::string() : name->text) + "\" of " + object.name +
                                     " is no geometry");
    return nullptr;
  }

  // A column that an argument names must be allowed like one that is selected.
  void CheckNamed(const catalog::DataObject& object, const catalog::Column* column) {
    if (context_.access == nullptr || column == nullptr) return;
    if (context_.access->IsFieldDenied(object.name, column->name)) {
      values_.Forbid(object.name + "." + column->name);
    }
  }

  void TieByPlace(const BoundField& spatial, BoundField& member) {
    catalog::Relation* relation = MakeRelation(spatial, member);
    if (relation == nullptr) return;
    catalog::SpatialTie& place = relation->place.emplace();
    place.from = GeometryOf(spatial, *relation->from);
    place.to = GeometryOf(member, *relation->to);
    const BoundValue* type = spatial.Argument("type");
    if (type != nullptr) place.kind = catalog::SpatialKindByName(type->text);
    const BoundValue* buffer = spatial.Argument("buffer");
    if (buffer == nullptr || buffer->IsNull()) return;
    std::from_chars(buffer->text.data(), buffer->text.data() + buffer->text.size(), place.buffer);
    if (place.buffer > kWidestBuffer) {
      values_.Fail(spatial.position, "buffer value can not be more than " + std::to_string(kWidestBuffer) + " meters");
    }
    if (place.buffer < 0) values_.Fail(spatial.position, "buffer value can not be negative");
  }

  void Tie(const BoundField& join, BoundField& member) {
    catalog::Relation* tied = MakeRelation(join, member);
    if (tied == nullptr) return;
    catalog::Relation& relation = *tied;
    const BoundValue* left = join.Argument("fields");
    const BoundValue* right = member.Argument("fields");
    if (left == nullptr || right == nullptr || left->items.empty() || left->items.size() != right->items.size()) {
      values_.Fail(member.position, "fields and references fields must have the same length");
      return;
    }
    for (std::size_t i = 0; i < left->items.size(); ++i) {
      const catalog::Column* from = relation.from->FindColumn(left->items[i].text);
      const catalog::Column* to = relation.to->FindColumn(right->items[i].text);
      CheckNamed(*relation.from, from);
      CheckNamed(*relation.to, to);
      if (!AreKeys(from, to)) {
        values_.Fail(member.position, "fields must be scalar and have the same type");
        return;
      }
      relation.from_columns.push_back(from);
      relation.to_columns.push_back(to);
    }
  }

  static bool AreKeys(const catalog::Column* from, const catalog::Column* to) {
    if (from == nullptr || to == nullptr || from->is_list || to->is_list) return false;
    return from->kind != catalog::ScalarKind::kStruct && catalog::KeysFit(from->kind, to->kind);
  }

  void CheckUnnest(const BoundField& field) {
    for (const BoundField& child : field.children) {
      const catalog::FieldBinding* binding = child.binding;
      const bool is_list = binding != nullptr && binding->kind == FieldKind::kRelation &&
                           binding->relation != nullptr && !binding->relation->single;
      if (child.unnest && !is_list) values_.Fail(child.position, "@unnest needs a list of related rows");
    }
  }

  static bool IsWrite(const BoundField& field) {
    return field.binding != nullptr &&
           (field.binding->kind == FieldKind::kUpdate || field.binding->kind == FieldKind::kDelete);
  }

  // A variable without a value would silently widen what is written.
  void CheckWriteVariables(const graphql::Value& value, const std::string& path, const BoundField& field) {
    const std::string name(field.def->name);
    if (value.kind == graphql::ValueKind::kVariable && context_.collect.variables.Find(value.text) == nullptr) {
      values_.Fail(field.position, path.empty() ? "filter of " + name + " has no conditions"
                                                : "filter of " + name + ": no value for \"" + path + "\"");
    }
    for (const graphql::Value& item : value.items()) CheckWriteVariables(item, path, field);
    for (const graphql::NamedValue& member : value.fields()) {
      CheckWriteVariables(member.value, path.empty() ? std::string(member.name) : path + "." + std::string(member.name),
                          field);
    }
  }

  const BindContext& context_;
  BoundRoot& root_;
  ValueBinder values_;
};

}  // namespace

PlanResult<BoundRoot> BindRoot(const BindContext& context, const graphql::CollectedField& field) {
  BoundRoot root;
  Binder binder(context, root);
  if (auto status = binder.Bind(field); !status) return tl::unexpected(status.error());
  return root;
}

}  // namespace eider::planner
