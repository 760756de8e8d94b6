#include "jq/interpreter.h"

// Names that are bound to values, by patterns.
namespace eider::jq {

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

}  // namespace eider::jq
