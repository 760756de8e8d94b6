#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.h"
#include "jq/program.h"
#include "jq/syntax.h"

namespace eider::jq {

// Where a value was found, from its last step to its first.
struct PathStep {
  std::shared_ptr<const PathStep> before;
  Value key;
};
using Path = std::shared_ptr<const PathStep>;

Value PathValue(const Path& path);

// A value on its way through the program, with its path where paths are wanted.
struct Item {
  Value value;
  bool tracked = false;   // Paths are wanted.
  bool has_path = false;  // It was found at `path` (null = the root), not made.
  Path path;
};

// An output that was made from `in`, not found in it.
inline Item Made(const Item& in, Value value) { return {std::move(value), in.tracked, false, nullptr}; }

// Takes one output; returns false when it wants no more.
class Sink {
 public:
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, Sink>)
  Sink(F&& call)  // NOLINT(google-explicit-constructor)
      : object_(const_cast<void*>(static_cast<const void*>(&call))),
        invoke_([](void* object, Item&& item) -> bool {
          return (*static_cast<std::remove_reference_t<F>*>(object))(std::move(item));
        }) {}
  bool operator()(Item&& item) const { return invoke_(object_, std::move(item)); }

 private:
  void* object_;
  bool (*invoke_)(void*, Item&&);
};

// A bound name. Lies on the stack of the evaluation that binds it and points to the names outside.
struct Scope {
  const Scope* outer = nullptr;
  int id = 0;
  Value value;                          // Variables.
  const SyntaxNode* closure = nullptr;  // Parameters: what was given, to be run in `closure_scope`.
  const Scope* closure_scope = nullptr;
  std::uint64_t label = 0;  // Labels: which of the entries into the label.
};

// What has the number `id`; the parser gives none to a name that is not in scope.
const Scope& Lookup(const Scope* scope, int id);

// One run of a program. Every evaluation calls `out` once an output and returns false when it must not go on: because
// `out` wanted no more, or because something failed, which failed() tells.
class Interpreter {
 public:
  Interpreter(const RunOptions& options, std::span<const Value> globals);

  bool Run(const SyntaxNode& node, Value input, const Sink& out);

  // ---- For evaluations and natives ------------------------------------------------------------------------
  // Raises an error that `try` can catch. Always returns false.
  bool Fail(Value error);
  bool Fail(std::string message);
  bool failed() const { return failure_ != Failure::kNone; }
  const RunOptions& options() const { return options_; }

  // The error of a failed run as text.
  Error error() const;
  // The program asked to stop here.
  bool halted() const { return failure_ == Failure::kHalt; }
  bool Halt();

  // ---- Values -----------------------------------------------------------------------------------------------
  // The member or element of `target`; fails as jq does.
  bool Index(const Value& target, const Value& key, Value* out);
  bool Slice(const Value& target, const Value& from, const Value& to, Value* out);
  bool Arithmetic(char op, const Value& a, const Value& b, Value* out);
  bool GetPath(const Value& target, const Array& path, Value* out);
  // With `target` changed in place.
  bool SetPath(Value& target, std::span<const Value> path, const std::function<bool(Value&)>& change);
  bool DeletePaths(Value& target, Array paths);
  bool Format(std::string_view format, const Value& value, std::string* out);

 private:
  enum class Failure { kNone, kError, kBreak, kHalt, kExhausted };

  bool Eval(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalNode(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  // Without paths.
  bool EvalValues(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool MayGoOn();

  bool EvalString(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalPieces(const SyntaxNode& node, std::size_t left, const std::string& tail, const Scope* scope, const Item& in,
                  const Sink& out);
  bool EvalIndex(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalSlice(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalIterate(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool IterateItem(const Item& target, const Sink& out);
  bool EvalArray(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalMembers(const SyntaxNode& node, std::size_t at, const Object& object, const Scope* scope, const Item& in,
                   const Sink& out);
  bool EvalNegate(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalBinary(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalLogic(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalAlternative(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalAssign(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalModify(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalCompute(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalReduce(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalForeach(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalIf(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalTry(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalLabel(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalBind(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalCall(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalNative(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalSpecial(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalGetPath(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalRange(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalFirst(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool EvalLimit(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out);
  bool Recurse(const SyntaxNode* step, const Scope* scope, Item item, const Sink& out);

  // Binds what `pattern` says of `value` and calls `body` for every combination.
  using Body = std::function<bool(const Scope*)>;
  bool Bind(const Pattern& pattern, const Value& value, const Scope* scope, const Item& in, const Body& body);
  bool BindItems(const Pattern& pattern, std::size_t at, const Value& value, const Scope* scope, const Item& in,
                 const Body& body);
  bool BindMembers(const Pattern& pattern, std::size_t at, const Value& value, const Scope* scope, const Item& in,
                   const Body& body);
  // The same with alternatives, tried in order.
  bool BindAny(const SyntaxNode& node, const Value& value, const Scope* scope, const Item& in, const Body& body);

  bool CallWith(const SyntaxNode& node, std::size_t at, const Scope* scope, const Scope* inner, const Item& in,
                const Sink& out);
  bool CollectPaths(const SyntaxNode& node, const Scope* scope, const Item& in, Array* paths);
  bool CheckPath(const Item& item);
  // Ends an error that was raised inside; breaks and exhaustion stay. True when there was an error.
  bool TakeError(Value* error);

  const RunOptions& options_;
  const std::span<const Value> globals_;
  Failure failure_ = Failure::kNone;
  Value error_;
  std::uint64_t breaking_ = 0;
  std::uint64_t last_label_ = 0;
  const char* stack_end_ = nullptr;
};

}  // namespace eider::jq
