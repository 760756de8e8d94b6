// How an Interpreter reads, makes and computes values; interpreter.cc has control flow and names.
#include <algorithm>
#include <cmath>

#include "jq/budget.h"
#include "jq/interpreter.h"

namespace eider::jq {
namespace {

// What was found below `from`, at `key`.
Item Found(const Item& from, Value key, Value value) {
  Item item{std::move(value), from.tracked, from.tracked, nullptr};
  if (from.tracked) item.path = std::make_shared<const PathStep>(PathStep{from.path, std::move(key)});
  return item;
}

bool Compares(std::string_view op, int order) {
  if (op == "==") return order == 0;
  if (op == "!=") return order != 0;
  if (op == "<") return order < 0;
  if (op == "<=") return order <= 0;
  return op == ">" ? order > 0 : order >= 0;
}

bool IsNan(const Value& value) { return value.IsNumber() && std::isnan(value.number()); }

}  // namespace

bool Interpreter::CheckPath(const Item& item) {
  return !item.tracked || item.has_path || Fail("Invalid path expression with result " + Excerpt(item.value));
}

bool Interpreter::EvalString(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  return EvalPieces(node, node.kids.size(), "", scope, in, out);
}

// The last insertion varies slowest.
bool Interpreter::EvalPieces(const SyntaxNode& node, std::size_t left, const std::string& tail, const Scope* scope,
                             const Item& in, const Sink& out) {
  if (left == 0) return out(Made(in, Value::Text(tail)));
  const SyntaxNode& piece = *node.kids[left - 1];
  // Pieces of text and insertions alternate.
  if (left % 2 == 1) return EvalPieces(node, left - 1, piece.value.text() + tail, scope, in, out);
  return EvalValues(piece, scope, in, [&](Item&& item) {
    std::string text;
    if (!Format(node.text.empty() ? "@text" : std::string_view(node.text), item.value, &text)) return false;
    return EvalPieces(node, left - 1, text + tail, scope, in, out);
  });
}

bool Interpreter::EvalIndex(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  const auto read = [&](const Item& target, const Value& key) {
    Value value;
    return CheckPath(target) && Index(target.value, key, &value) && out(Found(target, key, std::move(value)));
  };
  const SyntaxNode& key_node = *node.kids[1];
  if (key_node.op == Op::kLiteral) {
    return Eval(*node.kids[0], scope, in, [&](Item&& target) { return read(target, key_node.value); });
  }
  return EvalValues(key_node, scope, in, [&](Item&& key) {
    return Eval(*node.kids[0], scope, in, [&](Item&& target) { return read(target, key.value); });
  });
}

bool Interpreter::EvalSlice(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  const auto bound = [&](const NodePtr& part, const Sink& use) {
    return part ? EvalValues(*part, scope, in, use) : use(Item());
  };
  return bound(node.kids[1], [&](Item&& from) {
    return bound(node.kids[2], [&](Item&& to) {
      return Eval(*node.kids[0], scope, in, [&](Item&& target) {
        Value value;
        if (!CheckPath(target) || !Slice(target.value, from.value, to.value, &value)) return false;
        Object key;
        key.Set("start", from.value);
        key.Set("end", to.value);
        return out(Found(target, Value::Of(std::move(key)), std::move(value)));
      });
    });
  });
}

bool Interpreter::EvalIterate(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  return Eval(*node.kids[0], scope, in, [&](Item&& target) { return CheckPath(target) && IterateItem(target, out); });
}

bool Interpreter::IterateItem(const Item& target, const Sink& out) {
  if (target.value.IsArray()) {
    const Array& items = target.value.array();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!MayGoOn() || !out(Found(target, Value::Int(static_cast<std::int64_t>(i)), items[i]))) return false;
    }
    return true;
  }
  if (!target.value.IsObject()) {
    const std::string shown = target.value.IsNull() ? "" : " (" + Excerpt(target.value) + ")";
    return Fail("Cannot iterate over " + std::string(TypeName(target.value)) + shown);
  }
  for (const auto& [key, value] : target.value.object().members()) {
    if (!MayGoOn() || !out(target.tracked ? Found(target, Value::Text(key), value) : Item{value})) return false;
  }
  return true;
}

bool Interpreter::EvalArray(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  Array items;
  std::int64_t noted = 0;
  bool done = true;
  if (node.kids[0]) {
    done = EvalValues(*node.kids[0], scope, in, [&](Item&& item) {
      items.push_back(std::move(item.value));
      Budget::Use(sizeof(Value));
      noted += sizeof(Value);
      return MayGoOn();
    });
  }
  Budget::Use(-noted);
  return done && out(Made(in, Value::Of(std::move(items))));
}

bool Interpreter::EvalMembers(const SyntaxNode& node, std::size_t at, const Object& object, const Scope* scope,
                              const Item& in, const Sink& out) {
  if (at == node.kids.size()) return out(Made(in, Value::Of(object)));
  return EvalValues(*node.kids[at], scope, in, [&](Item&& key) {
    if (!key.value.IsString()) {
      return Fail("Object keys must be strings");
    }
    return EvalValues(*node.kids[at + 1], scope, in, [&](Item&& value) {
      Object more = object;
      more.Set(key.value.text(), std::move(value.value));
      return EvalMembers(node, at + 2, more, scope, in, out);
    });
  });
}

bool Interpreter::EvalNegate(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  return EvalValues(*node.kids[0], scope, in, [&](Item&& item) {
    const Value& value = item.value;
    if (!value.IsNumber()) return Fail(std::string(TypeName(value)) + " (" + Excerpt(value) + ") cannot be negated");
    if (value.IsInt() && value.integer() != INT64_MIN && value.integer() != 0) {
      return out(Made(in, Value::Int(-value.integer())));
    }
    if (!value.long_number().empty()) {
      const std::string_view text = value.long_number();
      return out(
          Made(in, Value::Number(text.starts_with('-') ? std::string(text.substr(1)) : "-" + std::string(text))));
    }
    return out(Made(in, Value::Double(-value.number())));
  });
}

// The right side varies slowest.
bool Interpreter::EvalBinary(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  return EvalValues(*node.kids[1], scope, in, [&](Item&& right) {
    return EvalValues(*node.kids[0], scope, in, [&](Item&& left) {
      if (node.op == Op::kCompare) {
        const int order = Compare(left.value, right.value);
        // Nothing equals what is no number, which sorts before all numbers.
        const bool holds = IsNan(left.value) || IsNan(right.value)
                               ? node.text == "!=" || ((node.text == "<" || node.text == "<=") && order < 0) ||
                                     ((node.text == ">" || node.text == ">=") && order > 0)
                               : Compares(node.text, order);
        return out(Made(in, Value::Bool(holds)));
      }
      Value result;
      return Arithmetic(node.text[0], left.value, right.value, &result) && out(Made(in, std::move(result)));
    });
  });
}

bool Interpreter::CollectPaths(const SyntaxNode& node, const Scope* scope, const Item& in, Array* paths) {
  return Eval(node, scope, Item{in.value, true, true, nullptr}, [&](Item&& item) {
    if (!CheckPath(item)) return false;
    paths->push_back(PathValue(item.path));
    return Budget::HasRoom(static_cast<std::int64_t>(paths->size() * sizeof(Value)));
  });
}

bool Interpreter::EvalAssign(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  return EvalValues(*node.kids[1], scope, in, [&](Item&& right) {
    Array paths;
    if (!CollectPaths(*node.kids[0], scope, in, &paths)) return false;
    Value target = in.value;
    for (const Value& path : paths) {
      const auto set = [&](Value& place) {
        place = right.value;
        return true;
      };
      if (!SetPath(target, path.array(), set)) return false;
    }
    return out(Made(in, std::move(target)));
  });
}

bool Interpreter::EvalModify(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  Array paths;
  if (!CollectPaths(*node.kids[0], scope, in, &paths)) return false;
  Value target = in.value;
  Array emptied;
  for (const Value& path : paths) {
    bool any = false;
    const auto change = [&](Value& place) {
      Item old{std::move(place)};
      place = old.value;
      const bool done = Eval(*node.kids[1], scope, old, [&](Item&& item) {
        place = std::move(item.value);
        any = true;
        return false;
      });
      return done || (any && !failed());
    };
    if (!SetPath(target, path.array(), change)) return false;
    if (!any) emptied.push_back(path);
  }
  if (!emptied.empty() && !DeletePaths(target, std::move(emptied))) return false;
  return out(Made(in, std::move(target)));
}

bool Interpreter::EvalCompute(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  return EvalValues(*node.kids[1], scope, in, [&](Item&& right) {
    Array paths;
    if (!CollectPaths(*node.kids[0], scope, in, &paths)) return false;
    Value target = in.value;
    for (const Value& path : paths) {
      const auto change = [&](Value& place) {
        if (node.text == "//") {
          if (!place.IsTruthy()) place = right.value;
          return true;
        }
        Value result;
        if (!Arithmetic(node.text[0], place, right.value, &result)) return false;
        place = std::move(result);
        return true;
      };
      if (!SetPath(target, path.array(), change)) return false;
    }
    return out(Made(in, std::move(target)));
  });
}

}  // namespace eider::jq
