#include "graphql/print.h"

namespace eider::graphql {
namespace {

// Prints executable nodes, one selection a line, or everything in one line.
class DocumentPrinter {
 public:
  explicit DocumentPrinter(bool one_line) : one_line_(one_line) {}

  std::string Take() { return std::move(out_); }

  void Operation(const OperationDefinition& operation) {
    const bool is_shorthand = operation.kind == OperationKind::kQuery && operation.name.empty() &&
                              operation.variables.empty() && operation.directives.empty();
    if (!is_shorthand) {
      out_.append(OperationKindName(operation.kind));
      if (!operation.name.empty()) out_.append(" ").append(operation.name);
      if (operation.name.empty() && !operation.variables.empty()) out_.push_back(' ');
      Variables(operation.variables);
      Directives(operation.directives);
      out_.push_back(' ');
    }
    Selections(operation.selections);
  }

  void Fragment(const FragmentDefinition& fragment) {
    out_.append("fragment ").append(fragment.name).append(" on ").append(fragment.type_condition);
    Directives(fragment.directives);
    out_.push_back(' ');
    Selections(fragment.selections);
  }

  void Field(const FieldNode& field) {
    if (!field.alias.empty()) out_.append(field.alias).append(": ");
    out_.append(field.name);
    Arguments(field.arguments);
    Directives(field.directives);
    if (!field.has_selections) return;
    out_.push_back(' ');
    Selections(field.selections);
  }

 private:
  void Variables(std::span<const VariableDefinition> variables) {
    if (variables.empty()) return;
    bool first = true;
    for (const VariableDefinition& variable : variables) {
      out_.append(first ? "(" : ", ");
      first = false;
      out_.append("$").append(variable.name).append(": ").append(variable.type->ToString());
      if (variable.default_value != nullptr) {
        out_.append(" = ");
        PrintValue(*variable.default_value, &out_);
      }
      Directives(variable.directives);
    }
    out_.push_back(')');
  }

  void Arguments(std::span<const Argument> arguments) {
    if (arguments.empty()) return;
    bool first = true;
    for (const Argument& argument : arguments) {
      out_.append(first ? "(" : ", ").append(argument.name).append(": ");
      first = false;
      PrintValue(argument.value, &out_);
    }
    out_.push_back(')');
  }

  void Directives(std::span<const Directive> directives) {
    for (const Directive& directive : directives) {
      out_.append(" @").append(directive.name);
      Arguments(directive.arguments);
    }
  }

  void Selections(SelectionSet selections) {
    out_.push_back('{');
    ++indent_;
    for (const Selection& selection : selections) {
      NewLine();
      Member(selection);
    }
    --indent_;
    NewLine();
    out_.push_back('}');
  }

  void Member(const Selection& selection) {
    switch (selection.kind) {
      case SelectionKind::kField: Field(*selection.field); break;
      case SelectionKind::kFragmentSpread:
        out_.append("...").append(selection.spread->name);
        Directives(selection.spread->directives);
        break;
      case SelectionKind::kInlineFragment: {
        const InlineFragment& fragment = *selection.inline_fragment;
        out_.append("...");
        if (!fragment.type_condition.empty()) out_.append(" on ").append(fragment.type_condition);
        Directives(fragment.directives);
        out_.push_back(' ');
        Selections(fragment.selections);
        break;
      }
    }
  }

  void NewLine() {
    if (one_line_) {
      out_.push_back(' ');
      return;
    }
    out_.push_back('\n');
    out_.append(indent_ * 2, ' ');
  }

  bool one_line_;
  size_t indent_ = 0;
  std::string out_;
};

}  // namespace

std::string PrintDocument(const Document& document) {
  std::string text;
  for (const Definition& definition : document.definitions()) {
    DocumentPrinter printer(false);
    if (definition.kind == DefinitionKind::kOperation) {
      printer.Operation(*definition.operation);
    } else if (definition.kind == DefinitionKind::kFragment) {
      printer.Fragment(*definition.fragment);
    } else {
      continue;
    }
    if (!text.empty()) text.append("\n\n");
    text.append(printer.Take());
  }
  return text;
}

std::string PrintField(const FieldNode& field) {
  DocumentPrinter printer(true);
  printer.Field(field);
  return printer.Take();
}

std::string PrintOperation(const OperationDefinition& operation) {
  DocumentPrinter printer(false);
  printer.Operation(operation);
  return printer.Take();
}

std::string PrintFragment(const FragmentDefinition& fragment) {
  DocumentPrinter printer(false);
  printer.Fragment(fragment);
  return printer.Take();
}

}  // namespace eider::graphql
