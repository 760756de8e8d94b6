#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jq/syntax.h"

namespace eider::jq {

// The names that are visible where the parser stands, innermost last. Every name gets an id of its own.
class ParserScope {
 public:
  enum class Kind { kVariable, kFunction, kClosure, kValueParameter, kLabel };

  struct Entry {
    Kind kind = Kind::kVariable;
    std::string name;
    int arity = 0;
    const Function* function = nullptr;
    int id = 0;
    bool hidden = false;
  };

  int Add(Entry entry) {
    entry.id = ++last_id_;
    entries_.push_back(std::move(entry));
    return last_id_;
  }

  std::size_t size() const { return entries_.size(); }
  void Shrink(std::size_t size) { entries_.resize(size); }
  void Hide(std::size_t from, std::size_t to, bool hidden) {
    for (std::size_t i = from; i < to; ++i) entries_[i].hidden = hidden;
  }

  const Entry* FindVariable(std::string_view name) const {
    return Find([&](const Entry& entry) {
      return (entry.kind == Kind::kVariable || entry.kind == Kind::kValueParameter) && entry.name == name;
    });
  }

  // A function, or a parameter that is called like one.
  const Entry* FindFunction(std::string_view name, int arity) const {
    return Find([&](const Entry& entry) {
      if (entry.name != name || entry.kind == Kind::kVariable || entry.kind == Kind::kLabel) return false;
      return entry.arity == arity;
    });
  }

  const Entry* FindLabel(std::string_view name) const {
    return Find([&](const Entry& entry) { return entry.kind == Kind::kLabel && entry.name == name; });
  }

  std::string_view NameOf(int id) const {
    const Entry* found = Find([&](const Entry& entry) { return entry.id == id; });
    return found == nullptr ? std::string_view() : std::string_view(found->name);
  }

 private:
  template <class Test>
  const Entry* Find(Test test) const {
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
      if (!entry->hidden && test(*entry)) return &*entry;
    }
    return nullptr;
  }

  std::vector<Entry> entries_;
  int last_id_ = 0;
};

}  // namespace eider::jq
