// Mathematics.
#include <cmath>
#include <limits>

#include "jq/interpreter.h"
#include "jq/natives.h"

namespace eider::jq {
namespace {

using Arguments = std::span<const Value>;

std::string Shown(const Value& value) { return std::string(TypeName(value)) + " (" + Excerpt(value) + ")"; }

bool Need(Interpreter& run, const Value& value) {
  return value.IsNumber() || run.Fail(Shown(value) + " number required");
}

template <double (*function)(double)>
bool One(Interpreter& run, const Value& input, Arguments, Value* out) {
  if (!Need(run, input)) return false;
  *out = Value::Double(function(input.number()));
  return true;
}

template <double (*function)(double, double)>
bool Two(Interpreter& run, const Value&, Arguments arguments, Value* out) {
  if (!Need(run, arguments[0]) || !Need(run, arguments[1])) return false;
  *out = Value::Double(function(arguments[0].number(), arguments[1].number()));
  return true;
}

// Integers are round already.
template <double (*function)(double)>
bool Round(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  if (input.IsInt()) return *out = input, true;
  return One<function>(run, input, arguments, out);
}

double Exp10(double x) { return std::pow(10.0, x); }
double Significand(double x) {
  if (x == 0 || !std::isfinite(x)) return x;
  int exponent = 0;
  return 2 * std::frexp(x, &exponent);
}
// std::lgamma writes a global; this is the one that does not.
double LogGamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}
double ScaleBy(double x, double exponent) {
  return std::scalbln(x, static_cast<long>(std::fmax(-100000, std::fmin(100000, exponent))));
}
double Remainder(double a, double b) { return std::remainder(a, b); }

bool Fma(Interpreter& run, const Value&, Arguments arguments, Value* out) {
  if (!Need(run, arguments[0]) || !Need(run, arguments[1]) || !Need(run, arguments[2])) return false;
  *out = Value::Double(std::fma(arguments[0].number(), arguments[1].number(), arguments[2].number()));
  return true;
}

bool Frexp(Interpreter& run, const Value& input, Arguments, Value* out) {
  if (!Need(run, input)) return false;
  int exponent = 0;
  const double fraction = std::frexp(input.number(), &exponent);
  *out = Value::Of(Array{Value::Double(fraction), Value::Int(std::isfinite(input.number()) ? exponent : 0)});
  return true;
}

bool Modf(Interpreter& run, const Value& input, Arguments, Value* out) {
  if (!Need(run, input)) return false;
  double whole = 0;
  const double fraction = std::modf(input.number(), &whole);
  *out = Value::Of(Array{Value::Double(fraction), Value::Double(whole)});
  return true;
}

bool LogGammaSigned(Interpreter& run, const Value& input, Arguments, Value* out) {
  if (!Need(run, input)) return false;
  int sign = 0;
  const double value = ::lgamma_r(input.number(), &sign);
  *out = Value::Of(Array{Value::Double(value), Value::Int(sign)});
  return true;
}

bool Abs(Interpreter& run, const Value& input, Arguments, Value* out) {
  if (!input.IsNumber()) return run.Fail(Shown(input) + " has no absolute value");
  const bool negative = input.IsInt() ? input.integer() < 0 : input.number() < 0;
  if (!negative) return *out = input, true;
  *out = input.IsInt() && input.integer() != INT64_MIN ? Value::Int(-input.integer()) : Value::Double(-input.number());
  return true;
}

bool Infinite(Interpreter&, const Value&, Arguments, Value* out) {
  return *out = Value::Double(std::numeric_limits<double>::infinity()), true;
}
bool Nan(Interpreter&, const Value&, Arguments, Value* out) {
  return *out = Value::Double(std::numeric_limits<double>::quiet_NaN()), true;
}
bool IsInfinite(Interpreter& run, const Value& input, Arguments, Value* out) {
  return Need(run, input) && (*out = Value::Bool(std::isinf(input.number())), true);
}
bool IsNan(Interpreter& run, const Value& input, Arguments, Value* out) {
  return Need(run, input) && (*out = Value::Bool(std::isnan(input.number())), true);
}
bool IsNormal(Interpreter& run, const Value& input, Arguments, Value* out) {
  return Need(run, input) && (*out = Value::Bool(std::isnormal(input.number())), true);
}

constexpr Native kTable[] = {
    {"floor", 0, Round<std::floor>},
    {"ceil", 0, Round<std::ceil>},
    {"round", 0, Round<std::round>},
    {"trunc", 0, Round<std::trunc>},
    {"rint", 0, Round<std::rint>},
    {"nearbyint", 0, Round<std::nearbyint>},
    {"sqrt", 0, One<std::sqrt>},
    {"cbrt", 0, One<std::cbrt>},
    {"fabs", 0, One<std::fabs>},
    {"exp", 0, One<std::exp>},
    {"exp2", 0, One<std::exp2>},
    {"exp10", 0, One<Exp10>},
    {"expm1", 0, One<std::expm1>},
    {"log", 0, One<std::log>},
    {"log2", 0, One<std::log2>},
    {"log10", 0, One<std::log10>},
    {"log1p", 0, One<std::log1p>},
    {"logb", 0, One<std::logb>},
    {"sin", 0, One<std::sin>},
    {"cos", 0, One<std::cos>},
    {"tan", 0, One<std::tan>},
    {"asin", 0, One<std::asin>},
    {"acos", 0, One<std::acos>},
    {"atan", 0, One<std::atan>},
    {"sinh", 0, One<std::sinh>},
    {"cosh", 0, One<std::cosh>},
    {"tanh", 0, One<std::tanh>},
    {"asinh", 0, One<std::asinh>},
    {"acosh", 0, One<std::acosh>},
    {"atanh", 0, One<std::atanh>},
    {"j0", 0, One<::j0>},
    {"j1", 0, One<::j1>},
    {"y0", 0, One<::y0>},
    {"y1", 0, One<::y1>},
    {"gamma", 0, One<LogGamma>},
    {"lgamma", 0, One<LogGamma>},
    {"tgamma", 0, One<std::tgamma>},
    {"lgamma_r", 0, LogGammaSigned},
    {"significand", 0, One<Significand>},
    {"frexp", 0, Frexp},
    {"modf", 0, Modf},
    {"abs", 0, Abs},
    {"pow", 2, Two<std::pow>},
    {"atan2", 2, Two<std::atan2>},
    {"fmod", 2, Two<std::fmod>},
    {"fmin", 2, Two<std::fmin>},
    {"fmax", 2, Two<std::fmax>},
    {"fdim", 2, Two<std::fdim>},
    {"copysign", 2, Two<std::copysign>},
    {"hypot", 2, Two<std::hypot>},
    {"drem", 2, Two<Remainder>},
    {"nextafter", 2, Two<std::nextafter>},
    {"nexttoward", 2, Two<std::nextafter>},
    {"ldexp", 2, Two<ScaleBy>},
    {"scalb", 2, Two<ScaleBy>},
    {"scalbln", 2, Two<ScaleBy>},
    {"fma", 3, Fma},
    {"infinite", 0, Infinite},
    {"nan", 0, Nan},
    {"isinfinite", 0, IsInfinite},
    {"isnan", 0, IsNan},
    {"isnormal", 0, IsNormal},
};

}  // namespace

std::span<const Native> NumberNatives() { return kTable; }

}  // namespace eider::jq
