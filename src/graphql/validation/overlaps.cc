#include <fmt/format.h>
#include <algorithm>
#include <unordered_set>

#include "graphql/validation/context.h"
#include "graphql/validation/value_equality.h"

// Fields In Set Can Merge, without comparing pairs: fields of all selection sets that end up in one object are
// collected together and grouped by response name; within a group each field is compared with the first one only,
// which suffices because "same field", "same arguments" and "same shape" are equivalences.
namespace eider::graphql::validation {
namespace {

constexpr uint32_t kNoEntry = 0xffffffff;

// A field that was collected, and the one whose selections led to it.
struct Entry {
  const FieldNode* node;
  const Type* parent;
  const Field* field;
  uint32_t owner;
};

using Group = std::vector<uint32_t>;  // Positions of entries.

class OverlapChecker {
 public:
  explicit OverlapChecker(Context& context) : context_(context), visited_(context.fragment_mentions.size(), 0) {}

  void Check(const OperationDefinition& operation) {
    const Type* root = context_.schema().root(operation.kind);
    if (root == nullptr) return;
    entries_.clear();
    reported_.clear();
    ++round_;
    Group fields;
    Collect(operation.selections, *root, kNoEntry, fields);
    CheckFields(fields, true);
  }

 private:
  void Collect(SelectionSet selections, const Type& parent, uint32_t owner, Group& out) {
    for (const Selection& selection : selections) {
      if (selection.kind == SelectionKind::kField) {
        AddField(*selection.field, parent, owner, out);
      } else if (selection.kind == SelectionKind::kInlineFragment) {
        const InlineFragment& fragment = *selection.inline_fragment;
        CollectConditional(fragment.selections, fragment.type_condition, parent, owner, out);
      } else if (const FragmentDefinition* fragment = context_.document().FindFragment(selection.spread->name)) {
        if (visited_[fragment->index] == round_) continue;
        visited_[fragment->index] = round_;
        CollectConditional(fragment->selections, fragment->type_condition, parent, owner, out);
      }
    }
  }

  void CollectConditional(SelectionSet selections, std::string_view condition, const Type& parent, uint32_t owner,
                          Group& out) {
    const Type* type = condition.empty() ? &parent : context_.schema().FindType(condition);
    if (type != nullptr && type->IsComposite()) Collect(selections, *type, owner, out);
  }

  void AddField(const FieldNode& node, const Type& parent, uint32_t owner, Group& out) {
    const Field* field = context_.schema().FindSelectable(parent, node.name);
    if (field == nullptr || !context_.Spend(1, node.position)) return;
    out.push_back(static_cast<uint32_t>(entries_.size()));
    entries_.push_back({&node, &parent, field, owner});
  }

  // Checks fields that are merged into one object. Without `check_arguments` they never occur in the same object
  // and only have to have the same shape.
  void CheckFields(Group& fields, bool check_arguments) {
    const auto name = [this](uint32_t i) { return entries_[i].node->response_name(); };
    const auto by_name = [&](uint32_t a, uint32_t b) { return name(a) < name(b); };
    if (fields.size() > 1) std::stable_sort(fields.begin(), fields.end(), by_name);
    for (size_t start = 0; start < fields.size();) {
      size_t end = start + 1;
      while (end < fields.size() && name(fields[end]) == name(fields[start])) ++end;
      CheckGroup(
          Group(fields.begin() + static_cast<std::ptrdiff_t>(start), fields.begin() + static_cast<std::ptrdiff_t>(end)),
          check_arguments);
      start = end;
    }
  }

  void CheckGroup(Group group, bool check_arguments) {
    if (group.size() > 1) {
      Filter(group, check_arguments ? &OverlapChecker::ShapeProblemOfSameField : &OverlapChecker::ShapeProblem);
      if (check_arguments && HasSeveralObjects(group)) {
        for (Group& part : SplitByObject(group)) {
          Filter(part, &OverlapChecker::ArgumentProblem);
          CheckChildren(part, true);
        }
        check_arguments = false;
      } else if (check_arguments) {
        Filter(group, &OverlapChecker::ArgumentProblem);
      }
    }
    CheckChildren(group, check_arguments);
  }

  void CheckChildren(const Group& group, bool check_arguments) {
    ++round_;
    const size_t mark = entries_.size();
    Group children;
    for (const uint32_t i : group) {
      const Entry entry = entries_[i];
      const Type* type = entry.field->type.named();
      if (type->IsComposite()) Collect(entry.node->selections, *type, i, children);
    }
    if (!children.empty()) CheckFields(children, check_arguments);
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(mark), entries_.end());
  }

  // Reports and removes every field that has a problem with the first one.
  void Filter(Group& group, std::string (OverlapChecker::*problem)(const Entry&, const Entry&) const) {
    size_t kept = 1;
    for (size_t i = 1; i < group.size(); ++i) {
      const std::string text = (this->*problem)(entries_[group[0]], entries_[group[i]]);
      if (text.empty()) {
        group[kept++] = group[i];
      } else {
        Report(group[0], group[i], text);
      }
    }
    group.resize(kept);
  }

  std::string ArgumentProblem(const Entry& a, const Entry& b) const {
    if (a.node->name != b.node->name) return fmt::format("{} and {} are different fields", a.node->name, b.node->name);
    if (SameNamedValues(a.node->arguments, b.node->arguments)) return {};
    return "they have differing arguments";
  }

  std::string ShapeProblem(const Entry& a, const Entry& b) const {
    const TypeRef left = a.field->type;
    const TypeRef right = b.field->type;
    const bool both_composite = left.named()->IsComposite() && right.named()->IsComposite();
    if (left.wrapping() == right.wrapping() && (both_composite || left.named() == right.named())) return {};
    return fmt::format("they return conflicting types {} and {}", left.ToString(), right.ToString());
  }

  // The same, except for fields ArgumentProblem() reports anyway.
  std::string ShapeProblemOfSameField(const Entry& a, const Entry& b) const {
    const bool may_meet = a.parent == b.parent || a.parent->IsAbstract() || b.parent->IsAbstract();
    return may_meet && a.node->name != b.node->name ? std::string() : ShapeProblem(a, b);
  }

  bool HasSeveralObjects(const Group& group) const {
    const Type* object = nullptr;
    for (const uint32_t i : group) {
      const Type* parent = entries_[i].parent;
      if (parent->kind != TypeKind::kObject) continue;
      if (object != nullptr && object != parent) return true;
      object = parent;
    }
    return false;
  }

  // One part for each object type, with the fields of abstract types in all of them.
  std::vector<Group> SplitByObject(const Group& group) const {
    std::vector<const Type*> objects;
    for (const uint32_t i : group) {
      const Type* parent = entries_[i].parent;
      if (parent->kind == TypeKind::kObject) objects.push_back(parent);
    }
    std::sort(objects.begin(), objects.end());
    objects.erase(std::unique(objects.begin(), objects.end()), objects.end());
    std::vector<Group> parts(objects.size());
    for (const uint32_t i : group) {
      const Type* parent = entries_[i].parent;
      if (parent->kind == TypeKind::kObject) {
        parts[static_cast<size_t>(std::lower_bound(objects.begin(), objects.end(), parent) - objects.begin())]
            .push_back(i);
      } else if (context_.Spend(parts.size(), entries_[i].node->position)) {
        for (Group& part : parts) part.push_back(i);
      }
    }
    return parts;
  }

  // Names the outermost fields that are merged, and why they conflict, down to the inner ones.
  void Report(uint32_t a, uint32_t b, std::string reason) {
    while (entries_[a].owner != entries_[b].owner) {
      reason = fmt::format("subfields \"{}\" conflict because {}", entries_[a].node->response_name(), reason);
      a = entries_[a].owner;
      b = entries_[b].owner;
    }
    if (!reported_.insert(entries_[b].node).second) return;
    context_.Report(entries_[b].node->position,
                    fmt::format("Fields \"{}\" conflict because {}. Use different aliases on the fields to fetch both "
                                "if this was intentional.",
                                entries_[a].node->response_name(), reason));
  }

  Context& context_;
  std::vector<Entry> entries_;
  std::vector<uint64_t> visited_;  // Round in which a fragment was collected last.
  uint64_t round_ = 0;
  std::unordered_set<const FieldNode*> reported_;
};

}  // namespace

void CheckOverlaps(Context& context) {
  OverlapChecker checker(context);
  for (const OperationDefinition* operation : context.document().operations()) checker.Check(*operation);
}

}  // namespace eider::graphql::validation
