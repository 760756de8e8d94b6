#include "jq/interpreter.h"

#include <algorithm>
#include <cstdlib>

#include "base/check.h"
#include "jq/budget.h"
#include "jq/library.h"
#include "jq/natives.h"

namespace eider::jq {
namespace {

Item Made(const Item& in, Value value) { return {std::move(value), in.tracked, false, nullptr}; }

Item ValueOf(const Item& in) { return {in.value, false, false, nullptr}; }

// What has the number `id`; the parser gives none to a name that is not in scope.
const Scope& Lookup(const Scope* scope, int id) {
  for (; scope != nullptr; scope = scope->outer) {
    if (scope->id == id) return *scope;
  }
  std::abort();
}

}  // namespace

Value PathValue(const Path& path) {
  Array keys;
  for (const PathStep* step = path.get(); step != nullptr; step = step->before.get()) keys.push_back(step->key);
  std::ranges::reverse(keys);
  return Value::Of(std::move(keys));
}

Interpreter::Interpreter(const RunOptions& options, std::span<const Value> globals)
    : options_(options),
      globals_(globals) {}

bool Interpreter::Run(const SyntaxNode& node, Value input, const Sink& out) {
  stack_end_ = static_cast<const char*>(__builtin_frame_address(0)) - kStackUse;
  return Eval(node, nullptr, Item{std::move(input)}, out);
}

bool Interpreter::Fail(Value error) {
  if (failure_ == Failure::kNone) {
    failure_ = Failure::kError;
    error_ = std::move(error);
  }
  return false;
}

bool Interpreter::Fail(std::string message) { return Fail(Value::Text(std::move(message))); }

bool Interpreter::Halt() {
  if (failure_ == Failure::kNone) failure_ = Failure::kHalt;
  return false;
}

Error Interpreter::error() const {
  if (const Error* exhausted = Budget::exhausted()) return *exhausted;
  if (failure_ == Failure::kBreak) return {ErrorCode::kBadInput, "break"};
  if (error_.IsString()) return {ErrorCode::kBadInput, error_.text()};
  return {ErrorCode::kBadInput, ToJson(error_) + " (not a string)"};
}

bool Interpreter::TakeError(Value* error) {
  if (failure_ != Failure::kError || Budget::exhausted() != nullptr) return false;
  failure_ = Failure::kNone;
  *error = std::move(error_);
  error_ = Value();
  return true;
}

bool Interpreter::MayGoOn() {
  if (static_cast<const char*>(__builtin_frame_address(0)) < stack_end_) {
    Budget::Exhaust(ErrorCode::kQueryTooComplex, "the jq program calls itself too deeply");
  }
  if (Budget::Spend() && Budget::exhausted() == nullptr) return true;
  failure_ = Failure::kExhausted;
  return false;
}

bool Interpreter::Eval(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  return MayGoOn() && EvalNode(node, scope, in, out);
}

bool Interpreter::EvalValues(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  return in.tracked ? Eval(node, scope, ValueOf(in), out) : Eval(node, scope, in, out);
}

bool Interpreter::EvalNode(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  switch (node.op) {
    case Op::kIdentity: return out(Item(in));
    case Op::kRecurseDefault: return Recurse(nullptr, scope, in, out);
    case Op::kLiteral: return out(Made(in, node.value));
    case Op::kGlobal: return out(Made(in, globals_[static_cast<std::size_t>(node.id)]));
    case Op::kVariable: return out(Made(in, Lookup(scope, node.id).value));
    case Op::kString: return EvalString(node, scope, in, out);
    case Op::kFormat: {
      std::string text;
      return Format(node.text, in.value, &text) && out(Made(in, Value::Text(std::move(text))));
    }
    case Op::kIndex: return EvalIndex(node, scope, in, out);
    case Op::kSlice: return EvalSlice(node, scope, in, out);
    case Op::kIterate: return EvalIterate(node, scope, in, out);
    case Op::kArray: return EvalArray(node, scope, in, out);
    case Op::kObject: return EvalMembers(node, 0, Object(), scope, in, out);
    case Op::kNegate: return EvalNegate(node, scope, in, out);
    case Op::kPipe:
      return Eval(*node.kids[0], scope, in, [&](Item&& item) { return Eval(*node.kids[1], scope, item, out); });
    case Op::kComma: return Eval(*node.kids[0], scope, in, out) && Eval(*node.kids[1], scope, in, out);
    case Op::kArithmetic:
    case Op::kCompare: return EvalBinary(node, scope, in, out);
    case Op::kAnd:
    case Op::kOr: return EvalLogic(node, scope, in, out);
    case Op::kAlternative: return EvalAlternative(node, scope, in, out);
    case Op::kAssign: return EvalAssign(node, scope, in, out);
    case Op::kModify: return EvalModify(node, scope, in, out);
    case Op::kCompute: return EvalCompute(node, scope, in, out);
    case Op::kReduce: return EvalReduce(node, scope, in, out);
    case Op::kForeach: return EvalForeach(node, scope, in, out);
    case Op::kIf: return EvalIf(node, scope, in, out);
    case Op::kTry: return EvalTry(node, scope, in, out);
    case Op::kLabel: return EvalLabel(node, scope, in, out);
    case Op::kBreak: {
      failure_ = Failure::kBreak;
      breaking_ = Lookup(scope, node.id).label;
      return false;
    }
    case Op::kDefine: {
      Scope defined;
      defined.outer = scope;
      defined.id = node.definition->id;
      return Eval(*node.kids[0], &defined, in, out);
    }
    case Op::kCall: return EvalCall(node, scope, in, out);
    case Op::kCallClosure: {
      const Scope& found = Lookup(scope, node.id);
      EIDER_CHECK(found.closure != nullptr);  // The parser binds such names to closures only.
      return Eval(*found.closure, found.closure_scope, in, out);
    }
    case Op::kNative: return EvalNative(node, scope, in, out);
    case Op::kSpecial: return EvalSpecial(node, scope, in, out);
    case Op::kBind: return EvalBind(node, scope, in, out);
  }
  return false;
}

// ---- Control ----------------------------------------------------------------------------------------------

bool Interpreter::EvalIf(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  return EvalValues(*node.kids[0], scope, in, [&](Item&& condition) {
    return Eval(*node.kids[condition.value.IsTruthy() ? 1 : 2], scope, in, out);
  });
}

bool Interpreter::EvalTry(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  // What fails behind this expression is not this expression's.
  bool refused = false;
  const bool done = Eval(*node.kids[0], scope, in, [&](Item&& item) {
    if (out(std::move(item))) return true;
    refused = true;
    return false;
  });
  Value error;
  if (done || refused || !TakeError(&error)) return done;
  if (!node.kids[1]) return true;
  return Eval(*node.kids[1], scope, Made(in, std::move(error)), out);
}

bool Interpreter::EvalLabel(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  Scope label;
  label.outer = scope;
  label.id = node.id;
  label.label = ++last_label_;
  if (Eval(*node.kids[0], &label, in, out)) return true;
  if (failure_ != Failure::kBreak || breaking_ != label.label) return false;
  failure_ = Failure::kNone;
  return true;
}

bool Interpreter::EvalLogic(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  const bool is_or = node.op == Op::kOr;
  return EvalValues(*node.kids[0], scope, in, [&](Item&& left) {
    if (left.value.IsTruthy() == is_or) return out(Made(in, Value::Bool(is_or)));
    return EvalValues(*node.kids[1], scope, in,
                      [&](Item&& right) { return out(Made(in, Value::Bool(right.value.IsTruthy()))); });
  });
}

bool Interpreter::EvalAlternative(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  bool any = false;
  bool refused = false;
  const bool done = Eval(*node.kids[0], scope, in, [&](Item&& item) {
    if (!item.value.IsTruthy()) return true;
    any = true;
    if (out(std::move(item))) return true;
    refused = true;
    return false;
  });
  Value ignored;
  if (!done && (refused || !TakeError(&ignored))) return false;
  return any || Eval(*node.kids[1], scope, in, out);
}

bool Interpreter::EvalReduce(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  return Eval(*node.kids[1], scope, in, [&](Item&& state) {
    const bool done = EvalValues(*node.kids[0], scope, in, [&](Item&& element) {
      return BindAny(node, element.value, scope, in, [&](const Scope* inner) {
        Item before = std::move(state);
        state = Made(in, Value());
        return Eval(*node.kids[2], inner, before, [&](Item&& after) {
          // Whoever computes in place finds itself the only owner.
          before.value = Value();
          state = std::move(after);
          return true;
        });
      });
    });
    return done && out(std::move(state));
  });
}

bool Interpreter::EvalForeach(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  return Eval(*node.kids[1], scope, in, [&](Item&& state) {
    return EvalValues(*node.kids[0], scope, in, [&](Item&& element) {
      return BindAny(node, element.value, scope, in, [&](const Scope* inner) {
        const Item before = state;
        return Eval(*node.kids[2], inner, before, [&](Item&& after) {
          state = after;
          return node.kids[3] ? Eval(*node.kids[3], inner, after, out) : out(std::move(after));
        });
      });
    });
  });
}

// ---- Names ------------------------------------------------------------------------------------------------

bool Interpreter::EvalBind(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  return EvalValues(*node.kids[0], scope, in, [&](Item&& source) {
    return BindAny(node, source.value, scope, in,
                   [&](const Scope* inner) { return Eval(*node.kids[1], inner, in, out); });
  });
}

bool Interpreter::BindAny(const SyntaxNode& node, const Value& value, const Scope* scope, const Item& in,
                          const Body& body) {
  if (node.patterns.size() == 1) return Bind(node.patterns[0], value, scope, in, body);
  // A variable that an alternative does not bind is null.
  std::vector<Scope> nulls(node.variables.size());
  for (std::size_t i = 0; i < nulls.size(); ++i) {
    nulls[i].outer = i == 0 ? scope : &nulls[i - 1];
    nulls[i].id = node.variables[i];
  }
  for (std::size_t i = 0; i < node.patterns.size(); ++i) {
    if (Bind(node.patterns[i], value, &nulls.back(), in, body)) return true;
    Value ignored;
    if (i + 1 == node.patterns.size() || !TakeError(&ignored)) return false;
  }
  return true;
}

bool Interpreter::Bind(const Pattern& pattern, const Value& value, const Scope* scope, const Item& in,
                       const Body& body) {
  if (pattern.variable != 0) {
    Scope bound;
    bound.outer = scope;
    bound.id = pattern.variable;
    bound.value = value;
    return body(&bound);
  }
  return pattern.is_array ? BindItems(pattern, 0, value, scope, in, body)
                          : BindMembers(pattern, 0, value, scope, in, body);
}

bool Interpreter::BindItems(const Pattern& pattern, std::size_t at, const Value& value, const Scope* scope,
                            const Item& in, const Body& body) {
  if (at == pattern.items.size()) return body(scope);
  if (!value.IsNull() && !value.IsArray()) {
    return Fail("Cannot index " + std::string(TypeName(value)) + " with number");
  }
  Value item;
  if (!Index(value, Value::Int(static_cast<std::int64_t>(at)), &item)) return false;
  return Bind(pattern.items[at], item, scope, in,
              [&](const Scope* inner) { return BindItems(pattern, at + 1, value, inner, in, body); });
}

bool Interpreter::BindMembers(const Pattern& pattern, std::size_t at, const Value& value, const Scope* scope,
                              const Item& in, const Body& body) {
  if (at == pattern.members.size()) return body(scope);
  const Pattern::Member& member = pattern.members[at];
  return EvalValues(*member.key, scope, in, [&](Item&& key) {
    if (!key.value.IsString()) {
      return Fail("Cannot index " + std::string(TypeName(value)) + " with " + std::string(TypeName(key.value)));
    }
    Value found;
    if (!Index(value, key.value, &found)) return false;
    Scope bound;
    bound.outer = scope;
    bound.id = member.variable;
    bound.value = found;
    const Scope* inner = member.variable == 0 ? scope : &bound;
    const auto rest = [&](const Scope* last) { return BindMembers(pattern, at + 1, value, last, in, body); };
    return member.pattern ? Bind(*member.pattern, found, inner, in, rest) : rest(inner);
  });
}

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
