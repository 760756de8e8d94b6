#include "query/answer_shape.h"

#include "catalog/model.h"

namespace eider::query {
namespace {

AnswerShape ShapeOfField(const graphql::CollectContext& context, const graphql::CollectedField& field) {
  const catalog::FieldBinding* binding = catalog::BindingOf(*field.definition);
  const graphql::TypeRef type = field.definition->type.Nullable();
  if (binding != nullptr && binding->kind == catalog::FieldKind::kModule) {
    return ShapeOf(context, field, *type.named());
  }
  return {type.IsList() && type.named()->IsComposite() ? ShapeKind::kRows : ShapeKind::kValue};
}

}  // namespace

AnswerShape ShapeOf(const graphql::CollectContext& context, const graphql::CollectedField& query,
                    const graphql::Type& root) {
  AnswerShape shape;
  for (const graphql::CollectedField& field : graphql::CollectSubfields(context, root, query)) {
    shape.members.emplace_back(field.response_name, ShapeOfField(context, field));
  }
  return shape;
}

}  // namespace eider::query
