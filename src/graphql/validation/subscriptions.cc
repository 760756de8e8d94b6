#include <fmt/format.h>

#include "graphql/validation/context.h"

namespace eider::graphql::validation {
namespace {

// The root fields of one subscription, each response name once.
class RootFields {
 public:
  explicit RootFields(const Document& document) : document_(document), visited_(document.fragments().size()) {}

  void Collect(SelectionSet selections) {
    for (const Selection& selection : selections) {
      if (selection.kind == SelectionKind::kField) {
        Add(*selection.field);
      } else if (selection.kind == SelectionKind::kInlineFragment) {
        Collect(selection.inline_fragment->selections);
      } else if (const FragmentDefinition* fragment = document_.FindFragment(selection.spread->name)) {
        if (visited_[fragment->index]) continue;
        visited_[fragment->index] = true;
        Collect(fragment->selections);
      }
    }
  }

  // A field with another response name than the first one, or nullptr.
  const FieldNode* other() const { return other_; }
  // The first introspection field, or nullptr.
  const FieldNode* introspection() const { return introspection_; }

 private:
  void Add(const FieldNode& field) {
    if (first_ == nullptr) first_ = &field;
    if (other_ == nullptr && field.response_name() != first_->response_name()) other_ = &field;
    if (introspection_ == nullptr && field.name.starts_with("__")) introspection_ = &field;
  }

  const Document& document_;
  std::vector<bool> visited_;
  const FieldNode* first_ = nullptr;
  const FieldNode* other_ = nullptr;
  const FieldNode* introspection_ = nullptr;
};

}  // namespace

void CheckSubscriptions(Context& context) {
  for (const OperationDefinition* operation : context.document().operations()) {
    if (operation->kind != OperationKind::kSubscription) continue;
    const std::string subject =
        operation->name.empty() ? "Anonymous Subscription" : fmt::format("Subscription \"{}\"", operation->name);
    RootFields fields(context.document());
    fields.Collect(operation->selections);
    if (fields.other() != nullptr) {
      context.Report(fields.other()->position, subject + " must select only one top level field.");
    }
    if (fields.introspection() != nullptr) {
      context.Report(fields.introspection()->position, subject + " must not select an introspection top level field.");
    }
  }
}

}  // namespace eider::graphql::validation
