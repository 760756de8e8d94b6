#include <fmt/format.h>

#include "graphql/validation/arguments.h"
#include "graphql/validation/context.h"
#include "graphql/validation/unique_names.h"
#include "graphql/validation/values.h"

namespace eider::graphql::validation {
namespace {

// Checks the definitions and uses of variables of one operation after the other.
class VariableChecker {
 public:
  explicit VariableChecker(Context& context) : context_(context), visited_(context.fragment_mentions.size(), 0) {}

  void Check(const OperationDefinition& operation, const Mentions& mentions) {
    operation_ = &operation;
    ++round_;
    DefineVariables();
    CheckUses(mentions);
    Follow(mentions);
    while (!open_.empty()) {
      const uint32_t fragment = open_.back();
      open_.pop_back();
      CheckUses(context_.fragment_mentions[fragment]);
      Follow(context_.fragment_mentions[fragment]);
    }
  }

 private:
  struct Variable {
    const VariableDefinition* definition;
    TypeRef type;  // Without name when unknown.
  };

  void DefineVariables() {
    variables_.clear();
    UniqueNames names;
    for (const VariableDefinition& definition : operation_->variables) {
      if (!names.Add(definition.name)) {
        context_.Report(definition.position,
                        fmt::format("There can be only one variable named \"${}\".", definition.name));
      }
      variables_.push_back({&definition, context_.schema().Resolve(*definition.type)});
      CheckDefinition(variables_.back());
    }
  }

  void CheckDefinition(const Variable& variable) {
    const VariableDefinition& definition = *variable.definition;
    CheckDirectives(context_, nullptr, definition.directives, DirectiveLocation::kVariableDefinition);
    if (variable.type.named() == nullptr) {
      context_.Report(definition.type->name_position(), fmt::format("Unknown type \"{}\".", definition.type->name));
    } else if (!variable.type.named()->IsInput()) {
      context_.Report(definition.type->position, fmt::format("Variable \"${}\" cannot be non-input type \"{}\".",
                                                             definition.name, definition.type->ToString()));
    } else if (definition.default_value != nullptr) {
      ValueChecker(context_, nullptr).Check(*definition.default_value, variable.type, false);
    }
  }

  void Follow(const Mentions& mentions) {
    for (const SpreadUse& use : mentions.spreads) {
      if (use.fragment == nullptr || visited_[use.fragment->index] == round_) continue;
      visited_[use.fragment->index] = round_;
      open_.push_back(use.fragment->index);
    }
    context_.Spend(mentions.spreads.size(), operation_->position);
  }

  void CheckUses(const Mentions& mentions) {
    for (const VariableUse& use : mentions.variables) {
      if (!context_.Spend(1 + variables_.size() / 16, use.value->position)) return;
      const Variable* variable = Find(use.value->text);
      if (variable == nullptr) {
        context_.Report(use.value->position,
                        fmt::format("Variable \"${}\" is not defined by operation \"{}\".", use.value->text,
                                    operation_->name.empty() ? "anonymous operation" : operation_->name));
      } else if (variable->type.named() != nullptr && use.type.named() != nullptr) {
        CheckUse(*variable, use);
      }
    }
  }

  const Variable* Find(std::string_view name) const {
    for (const Variable& variable : variables_) {
      if (variable.definition->name == name) return &variable;
    }
    return nullptr;
  }

  void CheckUse(const Variable& variable, const VariableUse& use) {
    if (!IsAllowed(variable, use)) {
      context_.Report(use.value->position,
                      fmt::format("Variable \"${}\" of type \"{}\" used in position expecting type \"{}\".",
                                  use.value->text, variable.type.ToString(), use.type.ToString()));
    } else if (use.one_of != nullptr && !variable.type.IsNonNull()) {
      context_.Report(use.value->position,
                      fmt::format("Variable \"${}\" is of type \"{}\" but must be non-nullable to be used for OneOf "
                                  "Input Object \"{}\".",
                                  use.value->text, variable.type.ToString(), use.one_of->name));
    }
  }

  bool IsAllowed(const Variable& variable, const VariableUse& use) const {
    if (!use.type.IsNonNull() || variable.type.IsNonNull()) return context_.schema().IsSubtype(variable.type, use.type);
    const Value* default_value = variable.definition->default_value;
    const bool has_value = use.has_default || (default_value != nullptr && !default_value->IsNull());
    return has_value && context_.schema().IsSubtype(variable.type, use.type.Inner());
  }

  Context& context_;
  const OperationDefinition* operation_ = nullptr;
  std::vector<Variable> variables_;
  std::vector<uint32_t> visited_;  // Round in which a fragment was entered last.
  std::vector<uint32_t> open_;
  uint32_t round_ = 0;
};

}  // namespace

void CheckVariables(Context& context) {
  VariableChecker checker(context);
  const auto operations = context.document().operations();
  for (size_t i = 0; i < operations.size(); ++i) checker.Check(*operations[i], context.operation_mentions[i]);
}

}  // namespace eider::graphql::validation
