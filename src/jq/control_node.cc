#include "jq/interpreter.h"

// Conditions, errors, labels, logic and loops.
namespace eider::jq {

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

}  // namespace eider::jq
