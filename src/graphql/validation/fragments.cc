#include <fmt/format.h>
#include <algorithm>

#include "graphql/validation/context.h"

namespace eider::graphql::validation {
namespace {

// Depth-first search over the spreads of fragments. It keeps its own stack, since a chain of fragments may be as
// long as the document.
class CycleSearch {
 public:
  explicit CycleSearch(Context& context) : context_(context), state_(context.fragment_mentions.size(), State::kNew) {}

  void Run() {
    for (uint32_t i = 0; i < state_.size(); ++i) {
      if (state_[i] == State::kNew) Visit(i);
    }
  }

 private:
  enum class State : uint8_t { kNew, kOnPath, kDone };
  struct Step {
    uint32_t fragment;
    size_t next_spread;
  };

  void Visit(uint32_t start) {
    Enter(start);
    while (!path_.empty()) {
      Step& step = path_.back();
      const auto& spreads = context_.fragment_mentions[step.fragment].spreads;
      if (step.next_spread == spreads.size()) {
        state_[step.fragment] = State::kDone;
        context_.fragment_order.push_back(step.fragment);
        path_.pop_back();
        continue;
      }
      const SpreadUse& use = spreads[step.next_spread++];
      if (use.fragment == nullptr) continue;
      const uint32_t target = use.fragment->index;
      if (state_[target] == State::kNew) {
        Enter(target);
      } else if (state_[target] == State::kOnPath) {
        ReportCycle(target);
      }
    }
  }

  void Enter(uint32_t fragment) {
    state_[fragment] = State::kOnPath;
    path_.push_back({fragment, 0});
  }

  const SpreadUse& CurrentSpread(const Step& step) const {
    return context_.fragment_mentions[step.fragment].spreads[step.next_spread - 1];
  }

  void ReportCycle(uint32_t target) {
    context_.has_cycles = true;
    const auto first =
        std::find_if(path_.begin(), path_.end(), [&](const Step& step) { return step.fragment == target; });
    if (!context_.Spend(static_cast<size_t>(path_.end() - first), CurrentSpread(*first).spread->position)) return;
    std::string via;
    for (auto step = first; step + 1 != path_.end(); ++step) {
      via.append(via.empty() ? "" : ", ").append("\"").append(CurrentSpread(*step).spread->name).append("\"");
    }
    const std::string_view name = context_.document().fragments()[target]->name;
    context_.Report(CurrentSpread(*first).spread->position,
                    via.empty() ? fmt::format("Cannot spread fragment \"{}\" within itself.", name)
                                : fmt::format("Cannot spread fragment \"{}\" within itself via {}.", name, via));
  }

  Context& context_;
  std::vector<State> state_;
  std::vector<Step> path_;
};

}  // namespace

void CheckFragmentCycles(Context& context) {
  if (!context.fragment_mentions.empty()) CycleSearch(context).Run();
}

void CheckUnusedFragments(Context& context) {
  std::vector<bool> used(context.fragment_mentions.size());
  std::vector<uint32_t> open;
  const auto follow = [&](const Mentions& mentions) {
    for (const SpreadUse& use : mentions.spreads) {
      if (use.fragment == nullptr || used[use.fragment->index]) continue;
      used[use.fragment->index] = true;
      open.push_back(use.fragment->index);
    }
  };
  for (const Mentions& mentions : context.operation_mentions) follow(mentions);
  while (!open.empty()) {
    const uint32_t fragment = open.back();
    open.pop_back();
    follow(context.fragment_mentions[fragment]);
  }
  // Of several fragments with one name only the first can be meant; the others are reported for their name.
  for (const FragmentDefinition* fragment : context.document().fragments()) {
    const FragmentDefinition* meant = context.document().FindFragment(fragment->name);
    if (!used[meant->index]) {
      context.Report(fragment->position, fmt::format("Fragment \"{}\" is never used.", fragment->name));
    }
  }
}

}  // namespace eider::graphql::validation
