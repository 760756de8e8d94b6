#include "jq/interpreter.h"

#include "jq/budget.h"
#include "jq/natives.h"

// Functions: of the program, native ones, and those that are evaluated in ways of their own.
namespace eider::jq {

bool Interpreter::EvalCall(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  // The function sees the names of where it was defined.
  const Scope* defined = node.function->is_global ? nullptr : scope;
  while (defined != nullptr && defined->id != node.function->id) defined = defined->outer;
  return CallWith(node, 0, scope, defined, in, out);
}

bool Interpreter::CallWith(const SyntaxNode& node, std::size_t at, const Scope* scope, const Scope* inner,
                           const Item& in, const Sink& out) {
  if (at == node.kids.size()) return Eval(*node.function->body, inner, in, out);
  const Function::Parameter& parameter = node.function->parameters[at];
  Scope bound;
  bound.outer = inner;
  bound.id = parameter.id;
  if (parameter.is_value) {
    return EvalValues(*node.kids[at], scope, in, [&](Item&& argument) {
      bound.value = std::move(argument.value);
      return CallWith(node, at + 1, scope, &bound, in, out);
    });
  }
  bound.closure = node.kids[at].get();
  bound.closure_scope = scope;
  // A parameter that is handed on is looked up now, or its chain grows with every call.
  while (bound.closure->op == Op::kCallClosure) {
    const Scope& found = Lookup(bound.closure_scope, bound.closure->id);
    bound.closure = found.closure;
    bound.closure_scope = found.closure_scope;
  }
  return CallWith(node, at + 1, scope, &bound, in, out);
}

// ---- Built-in functions -----------------------------------------------------------------------------------

bool Interpreter::EvalNative(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  const Native& native = *node.native;
  const auto call = [&](std::span<const Value> arguments) {
    Value result;
    return native.call(*this, in.value, arguments, &result) && out(Made(in, std::move(result)));
  };
  if (native.arity == 0) return call({});
  // The last argument varies slowest.
  std::vector<Value> arguments(node.kids.size());
  std::function<bool(std::size_t)> fill = [&](std::size_t left) {
    if (left == 0) return call(arguments);
    return EvalValues(*node.kids[left - 1], scope, in, [&](Item&& argument) {
      arguments[left - 1] = std::move(argument.value);
      return fill(left - 1);
    });
  };
  return fill(arguments.size());
}

bool Interpreter::EvalSpecial(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  switch (node.special) {
    case Special::kEmpty: return true;
    case Special::kPath:
      return Eval(*node.kids[0], scope, Item{in.value, true, true, nullptr},
                  [&](Item&& item) { return CheckPath(item) && out(Made(in, PathValue(item.path))); });
    case Special::kGetPath: return EvalGetPath(node, scope, in, out);
    case Special::kRecurse: return Recurse(node.kids.empty() ? nullptr : node.kids[0].get(), scope, in, out);
    case Special::kRange: return EvalRange(node, scope, in, out);
    case Special::kFirst: return EvalFirst(node, scope, in, out);
    case Special::kLimit: return EvalLimit(node, scope, in, out);
    case Special::kIsEmpty: {
      bool any = false;
      const bool done = EvalValues(*node.kids[0], scope, in, [&](Item&&) {
        any = true;
        return false;
      });
      return (done || (any && !failed())) && out(Made(in, Value::Bool(!any)));
    }
  }
  return false;
}

bool Interpreter::EvalFirst(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  std::optional<Item> found;
  const bool done = Eval(*node.kids[0], scope, in, [&](Item&& item) {
    found = std::move(item);
    return false;
  });
  if (!done && (!found || failed())) return false;
  return !found || out(std::move(*found));
}

bool Interpreter::EvalLimit(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  return EvalValues(*node.kids[0], scope, in, [&](Item&& count) {
    if (!count.value.IsNumber()) return Fail("Limit must be a number");
    const double limit = count.value.number();
    if (limit == 0) return true;
    if (limit < 0) return Eval(*node.kids[1], scope, in, out);
    double taken = 0;
    bool enough = false;
    const bool done = Eval(*node.kids[1], scope, in, [&](Item&& item) {
      ++taken;
      if (!out(std::move(item))) return false;
      enough = taken >= limit;
      return !enough;
    });
    return done || (enough && !failed());
  });
}

bool Interpreter::EvalRange(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  const auto count = [&](const Value& from, const Value& to, const Value& by) {
    if (!from.IsNumber() || !to.IsNumber() || !by.IsNumber()) return Fail("Range bounds must be numeric");
    const double step = by.number();
    const double end = to.number();
    if (step == 0 && from.number() < end) {
      // Endless, as in jq; the limits of the run end it.
      while (MayGoOn() && out(Made(in, from))) {
      }
      return false;
    }
    if (step == 0) return true;
    for (double at = from.number(); step > 0 ? at < end : at > end; at += step) {
      if (!MayGoOn() || !out(Made(in, Value::Double(at)))) return false;
    }
    return true;
  };
  if (node.kids.size() == 1) {
    return EvalValues(*node.kids[0], scope, in,
                      [&](Item&& to) { return count(Value::Int(0), to.value, Value::Int(1)); });
  }
  return EvalValues(*node.kids[0], scope, in, [&](Item&& from) {
    return EvalValues(*node.kids[1], scope, in, [&](Item&& to) {
      if (node.kids.size() == 2) return count(from.value, to.value, Value::Int(1));
      return EvalValues(*node.kids[2], scope, in, [&](Item&& by) { return count(from.value, to.value, by.value); });
    });
  });
}

// The item, then everything that `step` makes of it, and so on. The last output of a step costs no stack.
bool Interpreter::Recurse(const SyntaxNode* step, const Scope* scope, Item item, const Sink& out) {
  while (true) {
    if (!MayGoOn() || !out(Item(item))) return false;
    std::vector<Item> next;
    const auto collect = [&](Item&& found) {
      next.push_back(std::move(found));
      return Budget::Spend() && Budget::HasRoom(static_cast<std::int64_t>(next.size() * sizeof(Item)));
    };
    bool done = true;
    if (step != nullptr) {
      done = Eval(*step, scope, item, collect);
    } else if (item.value.IsArray() || item.value.IsObject()) {
      done = IterateItem(item, collect);
    }
    Value error;
    const bool raised = !done && TakeError(&error);
    if (!done && !raised) return MayGoOn() && false;
    const std::size_t inner = raised || next.empty() ? next.size() : next.size() - 1;
    for (std::size_t i = 0; i < inner; ++i) {
      if (!Recurse(step, scope, std::move(next[i]), out)) return false;
    }
    if (raised) return Fail(std::move(error));
    if (next.empty()) return true;
    item = std::move(next.back());
  }
}

}  // namespace eider::jq
