#include <fmt/format.h>

#include "graphql/validation/arguments.h"
#include "graphql/validation/context.h"

namespace eider::graphql::validation {
namespace {

// Walks the selections of one operation or fragment and fills its mentions.
class SelectionChecker {
 public:
  SelectionChecker(Context& context, Mentions& mentions) : context_(context), mentions_(mentions) {}

  void Check(SelectionSet selections, const Type& parent) {
    for (const Selection& selection : selections) {
      switch (selection.kind) {
        case SelectionKind::kField: CheckField(*selection.field, parent); break;
        case SelectionKind::kInlineFragment: CheckInlineFragment(*selection.inline_fragment, parent); break;
        case SelectionKind::kFragmentSpread: CheckSpread(*selection.spread, parent); break;
      }
    }
  }

  // Records the spreads of a part that is not checked, so that their fragments count as used.
  void RecordSpreads(SelectionSet selections) {
    for (const Selection& selection : selections) {
      if (selection.kind == SelectionKind::kField) {
        RecordSpreads(selection.field->selections);
      } else if (selection.kind == SelectionKind::kInlineFragment) {
        RecordSpreads(selection.inline_fragment->selections);
      } else {
        mentions_.spreads.push_back({selection.spread, context_.document().FindFragment(selection.spread->name)});
      }
    }
  }

 private:
  void CheckField(const FieldNode& node, const Type& parent) {
    const Field* field = context_.schema().FindSelectable(parent, node.name);
    if (field == nullptr) {
      ReportUnknownField(node, parent);
      RecordSpreads(node.selections);
      return;
    }
    size_t next = 0;
    while (const InputValue* missing = NextMissingArgument(field->arguments, node.arguments, &next)) {
      context_.Report(node.position,
                      fmt::format("Field \"{}\" argument \"{}\" of type \"{}\" is required, but it was not provided.",
                                  node.name, missing->name, missing->type.ToString()));
    }
    if (!node.arguments.empty()) CheckArguments(context_, &mentions_, field->arguments, node.arguments);
    if (!node.directives.empty()) CheckDirectives(context_, &mentions_, node.directives, DirectiveLocation::kField);
    CheckSubselection(node, *field);
  }

  void CheckSubselection(const FieldNode& node, const Field& field) {
    const Type& type = *field.type.named();
    if (type.IsLeaf()) {
      if (!node.has_selections) return;
      context_.Report(node.position,
                      fmt::format("Field \"{}\" must not have a selection since type \"{}\" has no subfields.",
                                  node.name, type.name));
      CheckBelowLeaf(node.selections, type);
    } else if (!node.has_selections) {
      context_.Report(
          node.position,
          fmt::format("Field \"{}\" of type \"{}\" must have a selection of subfields. Did you mean \"{} {{ ... }}\"?",
                      node.name, field.type.ToString(), node.name));
    } else {
      Check(node.selections, type);
    }
  }

  void CheckBelowLeaf(SelectionSet selections, const Type& type) {
    for (const Selection& selection : selections) {
      if (selection.kind == SelectionKind::kField) ReportUnknownField(*selection.field, type);
    }
    RecordSpreads(selections);
  }

  void ReportUnknownField(const FieldNode& node, const Type& parent) {
    context_.Report(node.position, fmt::format("Cannot query field \"{}\" on type \"{}\".", node.name, parent.name));
  }

  void CheckInlineFragment(const InlineFragment& fragment, const Type& parent) {
    CheckDirectives(context_, &mentions_, fragment.directives, DirectiveLocation::kInlineFragment);
    if (fragment.type_condition.empty()) {
      Check(fragment.selections, parent);
      return;
    }
    const Type* type = context_.schema().FindType(fragment.type_condition);
    if (type == nullptr) {
      context_.Report(fragment.type_position, fmt::format("Unknown type \"{}\".", fragment.type_condition));
    } else if (!type->IsComposite()) {
      context_.Report(fragment.type_position,
                      fmt::format("Fragment cannot condition on non composite type \"{}\".", type->name));
    } else {
      if (!context_.schema().TypesOverlap(*type, parent)) {
        context_.Report(
            fragment.position,
            fmt::format("Fragment cannot be spread here as objects of type \"{}\" can never be of type \"{}\".",
                        parent.name, type->name));
      }
      Check(fragment.selections, *type);
      return;
    }
    RecordSpreads(fragment.selections);
  }

  void CheckSpread(const FragmentSpread& spread, const Type& parent) {
    CheckDirectives(context_, &mentions_, spread.directives, DirectiveLocation::kFragmentSpread);
    const FragmentDefinition* fragment = context_.document().FindFragment(spread.name);
    mentions_.spreads.push_back({&spread, fragment});
    if (fragment == nullptr) {
      context_.Report(spread.name_position, fmt::format("Unknown fragment \"{}\".", spread.name));
      return;
    }
    const Type* type = context_.schema().FindType(fragment->type_condition);
    if (type == nullptr || !type->IsComposite() || context_.schema().TypesOverlap(*type, parent)) return;
    context_.Report(
        spread.position,
        fmt::format("Fragment \"{}\" cannot be spread here as objects of type \"{}\" can never be of type \"{}\".",
                    spread.name, parent.name, type->name));
  }

  Context& context_;
  Mentions& mentions_;
};

constexpr DirectiveLocation LocationOf(OperationKind kind) {
  switch (kind) {
    case OperationKind::kQuery: return DirectiveLocation::kQuery;
    case OperationKind::kMutation: return DirectiveLocation::kMutation;
    case OperationKind::kSubscription: return DirectiveLocation::kSubscription;
  }
  return DirectiveLocation::kQuery;
}

void CheckOperation(Context& context, const OperationDefinition& operation, Mentions& mentions) {
  CheckDirectives(context, &mentions, operation.directives, LocationOf(operation.kind));
  SelectionChecker checker(context, mentions);
  if (const Type* root = context.schema().root(operation.kind)) {
    checker.Check(operation.selections, *root);
    return;
  }
  context.Report(operation.position,
                 fmt::format("Schema is not configured to execute {} operation.", OperationKindName(operation.kind)));
  checker.RecordSpreads(operation.selections);
}

void CheckFragment(Context& context, const FragmentDefinition& fragment, Mentions& mentions) {
  CheckDirectives(context, &mentions, fragment.directives, DirectiveLocation::kFragmentDefinition);
  SelectionChecker checker(context, mentions);
  const Type* type = context.schema().FindType(fragment.type_condition);
  if (type != nullptr && type->IsComposite()) {
    checker.Check(fragment.selections, *type);
    return;
  }
  context.Report(fragment.type_position,
                 type == nullptr ? fmt::format("Unknown type \"{}\".", fragment.type_condition)
                                 : fmt::format("Fragment \"{}\" cannot condition on non composite type \"{}\".",
                                               fragment.name, type->name));
  checker.RecordSpreads(fragment.selections);
}

}  // namespace

void CheckSelections(Context& context) {
  const auto operations = context.document().operations();
  for (size_t i = 0; i < operations.size(); ++i) CheckOperation(context, *operations[i], context.operation_mentions[i]);
  const auto fragments = context.document().fragments();
  for (size_t i = 0; i < fragments.size(); ++i) CheckFragment(context, *fragments[i], context.fragment_mentions[i]);
}

}  // namespace eider::graphql::validation
