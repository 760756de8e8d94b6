#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/identity.h"
#include "engine/value.h"
#include "graphql/arena.h"
#include "graphql/schema.h"

// Values that a plan takes from the rules of a role and from who asks, not from the request's text.
namespace eider::planner {

// Who asks, and when.
struct Requester {
  std::shared_ptr<const auth::Identity> identity;  // Null = nobody: every placeholder is missing.
  std::int64_t now_us = 0;                         // Microseconds since 1970.
};

struct SessionValue {
  enum class Kind {
    kConstant,     // `constant`.
    kPlaceholder,  // What `placeholder` stands for, as a value of `type`; NULL when it is missing or does not fit.
    kResolved,     // Whether all of `needed` have a value.
  };
  Kind kind = Kind::kConstant;
  engine::Value constant;
  std::string placeholder;              // "$auth.user_id"
  const graphql::Type* type = nullptr;  // A scalar or enum; null = as it is.
  bool is_list = false;
  std::vector<SessionValue> needed;

  bool Equals(const SessionValue& other) const;
};

// Whether `text` is one placeholder as a whole, such as "[$auth.user_id]".
bool IsPlaceholder(std::string_view text);

// What a placeholder ("$auth.user_id") stands for, in `arena` where it is not part of the identity; null = missing.
const graphql::Value* FindPlaceholder(std::string_view name, const Requester& requester, graphql::Arena& arena);

// The parameters that `values` stand for.
engine::Parameters SessionParameters(std::span<const SessionValue> values, const Requester& requester);

// A statement's parameters: `map` refers to those of the request, or below zero (-1, -2 …) to those of the session.
engine::Parameters PickParameters(const std::vector<int>& map, const engine::Parameters& request,
                                  const engine::Parameters& session);

}  // namespace eider::planner
