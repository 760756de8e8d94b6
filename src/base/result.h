#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "base/error.h"

namespace eider {

// A value or an Error; must be looked at. `Result<void>` is spelled Status.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using Base = tl::expected<T, Error>;
  using Base::Base;
  Result(Error error) : Base(tl::unexpect, std::move(error)) {}    // NOLINT(google-explicit-constructor)
  Result(tl::unexpected<Error> error) : Base(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  Result(const Result&) = default;
  Result(Result&&) noexcept = default;
  Result& operator=(const Result&) = default;
  Result& operator=(Result&&) noexcept = default;
  bool ok() const { return this->has_value(); }
};

using Status = Result<void>;

}  // namespace eider

#define EIDER_CONCAT_INNER(a, b) a##b
#define EIDER_CONCAT(a, b) EIDER_CONCAT_INNER(a, b)

// Runs `expression` (a Result) and returns its error from the enclosing function, or declares `target` with its value.
#define EIDER_ASSIGN_OR_RETURN(target, expression) \
  EIDER_ASSIGN_OR_RETURN_INNER(EIDER_CONCAT(eider_result_, __LINE__), target, expression)
#define EIDER_ASSIGN_OR_RETURN_INNER(temporary, target, expression) \
  auto temporary = (expression);                                    \
  if (!temporary) return std::move(temporary).error();              \
  target = std::move(*temporary)

// The coroutine form of EIDER_ASSIGN_OR_RETURN.
#define EIDER_ASSIGN_OR_CO_RETURN(target, expression) \
  EIDER_ASSIGN_OR_CO_RETURN_INNER(EIDER_CONCAT(eider_result_, __LINE__), target, expression)
#define EIDER_ASSIGN_OR_CO_RETURN_INNER(temporary, target, expression) \
  auto temporary = (expression);                                       \
  if (!temporary) co_return std::move(temporary).error();              \
  target = std::move(*temporary)

// Returns the error of `expression` (a Status) from the enclosing function.
#define EIDER_RETURN_IF_ERROR(expression)                                                        \
  do {                                                                                           \
    if (auto eider_status = (expression); !eider_status) return std::move(eider_status).error(); \
  } while (false)
