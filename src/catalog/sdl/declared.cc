#include "catalog/sdl/declared.h"

namespace eider::catalog {

Site DeclaredDirective::ArgumentSite(std::string_view argument) const {
  const graphql::Value* value = node->FindArgument(argument);
  return value == nullptr ? site() : Site{document, value->position};
}

std::string_view DeclaredDirective::Text(std::string_view argument, std::string_view otherwise) const {
  const graphql::Value* value = node->FindArgument(argument);
  return value == nullptr || value->IsNull() ? otherwise : value->text;
}

bool DeclaredDirective::Flag(std::string_view argument, bool otherwise) const {
  const graphql::Value* value = node->FindArgument(argument);
  return value == nullptr || value->IsNull() ? otherwise : value->AsBool();
}

std::vector<std::string_view> DeclaredDirective::Texts(std::string_view argument) const {
  const graphql::Value* value = node->FindArgument(argument);
  std::vector<std::string_view> texts;
  if (value == nullptr || value->IsNull()) return texts;
  if (value->kind != graphql::ValueKind::kList) return {value->text};
  for (const graphql::Value& item : value->items()) texts.push_back(item.text);
  return texts;
}

const DeclaredDirective* Find(const DeclaredDirectives& directives, std::string_view name) {
  for (const DeclaredDirective& directive : directives) {
    if (directive.name() == name) return &directive;
  }
  return nullptr;
}

std::vector<DeclaredInput> DeclaredArguments(const DeclaredField& field) {
  std::vector<DeclaredInput> arguments;
  for (const graphql::InputValueDefinition& node : field.node->arguments) {
    DeclaredInput argument{.node = &node, .document = field.document, .directives = {}};
    for (const graphql::Directive& directive : node.directives) {
      argument.directives.push_back({&directive, field.document});
    }
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

}  // namespace eider::catalog
