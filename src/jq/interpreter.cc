#include "jq/interpreter.h"

#include <algorithm>
#include <cstdlib>

#include "base/check.h"
#include "jq/budget.h"
#include "jq/library.h"

namespace eider::jq {
namespace {

Item ValueOf(const Item& in) { return {in.value, false, false, nullptr}; }

}  // namespace

const Scope& Lookup(const Scope* scope, int id) {
  for (; scope != nullptr; scope = scope->outer) {
    if (scope->id == id) return *scope;
  }
  std::abort();
}

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

}  // namespace eider::jq
