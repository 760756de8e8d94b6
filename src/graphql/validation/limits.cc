#include <fmt/format.h>
#include <algorithm>

#include "graphql/validation/context.h"

namespace eider::graphql::validation {
namespace {

// Rules behind this one recurse as deep as the expanded selections.
constexpr size_t kLargestDepth = 500;

struct Extent {
  size_t depth = 0;
  size_t fields = 0;
};

constexpr size_t kManyFields = size_t{1} << 40;

// Depth and field count of `selections`, given those of the fragments spread in it.
Extent Measure(const Document& document, SelectionSet selections, const std::vector<Extent>& fragments) {
  Extent total;
  for (const Selection& selection : selections) {
    Extent extent;
    switch (selection.kind) {
      case SelectionKind::kField:
        extent = Measure(document, selection.field->selections, fragments);
        ++extent.depth;
        ++extent.fields;
        break;
      case SelectionKind::kInlineFragment:
        extent = Measure(document, selection.inline_fragment->selections, fragments);
        break;
      case SelectionKind::kFragmentSpread:
        if (const FragmentDefinition* fragment = document.FindFragment(selection.spread->name)) {
          extent = fragments[fragment->index];
        }
        break;
    }
    total.depth = std::max(total.depth, extent.depth);
    total.fields = std::min(total.fields + extent.fields, kManyFields);
  }
  return total;
}

}  // namespace

bool CheckLimits(Context& context) {
  const Document& document = context.document();
  std::vector<Extent> fragments(document.fragments().size());
  for (const uint32_t index : context.fragment_order) {
    fragments[index] = Measure(document, document.fragments()[index]->selections, fragments);
  }
  const size_t option = context.options().max_depth;
  const size_t max_depth = option == 0 ? kLargestDepth : std::min(option, kLargestDepth);
  const size_t max_fields = context.options().max_expanded_fields;
  bool ok = true;
  size_t fields = 0;
  for (const OperationDefinition* operation : document.operations()) {
    const Extent extent = Measure(document, operation->selections, fragments);
    if (extent.depth > max_depth) {
      context.Report(operation->position,
                     fmt::format("Operation has depth {}, which exceeds the limit of {}.", extent.depth, max_depth));
      ok = false;
    }
    fields = std::min(fields + extent.fields, kManyFields);
    if (fields > max_fields) {
      context.Report(operation->position,
                     fmt::format("Operation has more than {} fields once its fragments are expanded.", max_fields));
      return false;
    }
  }
  return ok;
}

}  // namespace eider::graphql::validation
