// Regular expressions, by Oniguruma.
#include <oniguruma.h>

#include <memory>

#include "jq/budget.h"
#include "jq/interpreter.h"
#include "jq/natives.h"
#include "jq/utf8.h"

namespace eider::jq {
namespace {

using Arguments = std::span<const Value>;

// Patterns that try this often and find nothing are refused.
constexpr unsigned long kMaxRetries = 2'000'000;

struct RegexDeleter {
  void operator()(regex_t* regex) const { onig_free(regex); }
};
struct RegionDeleter {
  void operator()(OnigRegion* region) const { onig_region_free(region, 1); }
};
struct MatchParameterDeleter {
  void operator()(OnigMatchParam* parameter) const { onig_free_match_param(parameter); }
};

struct Flags {
  OnigOptionType options = ONIG_OPTION_CAPTURE_GROUP;
  bool global = false;
};

std::string Shown(const Value& value) { return std::string(TypeName(value)) + " (" + Excerpt(value) + ")"; }

bool ReadFlags(Interpreter& run, const Value& value, Flags* flags) {
  if (value.IsNull()) return true;
  if (!value.IsString()) return run.Fail(Shown(value) + " is not a string");
  for (const char c : value.text()) {
    switch (c) {
      case 'g': flags->global = true; break;
      case 'i': flags->options |= ONIG_OPTION_IGNORECASE; break;
      case 'x': flags->options |= ONIG_OPTION_EXTEND; break;
      case 's': flags->options |= ONIG_OPTION_SINGLELINE; break;
      case 'p': flags->options |= ONIG_OPTION_MULTILINE | ONIG_OPTION_SINGLELINE; break;
      case 'l': flags->options |= ONIG_OPTION_FIND_LONGEST; break;
      case 'n': flags->options |= ONIG_OPTION_FIND_NOT_EMPTY; break;
      default: return run.Fail(value.text() + " is not a valid modifier string");
    }
  }
  return true;
}

std::unique_ptr<regex_t, RegexDeleter> Compile(Interpreter& run, const std::string& pattern, const Flags& flags) {
  [[maybe_unused]] static const int initialized = [] {
    OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
    return onig_initialize(encodings, 1);
  }();
  const auto* text = reinterpret_cast<const OnigUChar*>(pattern.data());
  regex_t* regex = nullptr;
  OnigErrorInfo info;
  const int code =
      onig_new(&regex, text, text + pattern.size(), flags.options, ONIG_ENCODING_UTF8, ONIG_SYNTAX_PERL_NG, &info);
  if (code == ONIG_NORMAL) return std::unique_ptr<regex_t, RegexDeleter>(regex);
  OnigUChar message[ONIG_MAX_ERROR_MESSAGE_LEN];
  const int size = onig_error_code_to_str(message, code, &info);
  run.Fail(pattern + " (at offset 0) is not a valid regex: " +
           std::string(reinterpret_cast<const char*>(message), static_cast<std::size_t>(size)));
  return nullptr;
}

struct GroupNames {
  std::vector<std::string> names;

  static int Add(const OnigUChar* name, const OnigUChar* end, int count, int* groups, regex_t*, void* to) {
    auto& names = static_cast<GroupNames*>(to)->names;
    for (int i = 0; i < count; ++i) {
      if (static_cast<std::size_t>(groups[i]) < names.size()) {
        names[static_cast<std::size_t>(groups[i])].assign(reinterpret_cast<const char*>(name),
                                                          static_cast<std::size_t>(end - name));
      }
    }
    return 0;
  }
};

// What one match found, as jq describes it.
class Describer {
 public:
  Describer(const std::string& text, regex_t* regex) : text_(text) {
    groups_.names.resize(static_cast<std::size_t>(onig_number_of_captures(regex)) + 1);
    onig_foreach_name(regex, GroupNames::Add, &groups_);
  }

  Value Match(const OnigRegion& region) {
    Object match = Part(region, 0);
    Array captures;
    for (int i = 1; i < region.num_regs; ++i) {
      Object capture = Part(region, i);
      const std::string& name = groups_.names[static_cast<std::size_t>(i)];
      capture.Set("name", name.empty() ? Value() : Value::Text(name));
      captures.push_back(Value::Of(std::move(capture)));
    }
    match.Set("captures", Value::Of(std::move(captures)));
    return Value::Of(std::move(match));
  }

 private:
  Object Part(const OnigRegion& region, int group) {
    Object part;
    const int begin = region.beg[group];
    if (begin < 0) {
      part.Set("offset", Value::Int(-1));
      part.Set("length", Value::Int(0));
      part.Set("string", Value());
      return part;
    }
    const std::string found =
        text_.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(region.end[group] - begin));
    part.Set("offset", Value::Int(PointsUpTo(static_cast<std::size_t>(begin), group == 0)));
    part.Set("length", Value::Int(CountCodepoints(found)));
    part.Set("string", Value::Text(found));
    return part;
  }

  // Matches come in order, so that counting goes on where the last one began.
  std::int64_t PointsUpTo(std::size_t byte, bool is_match) {
    if (byte < counted_) return CountCodepoints(std::string_view(text_).substr(0, byte));
    const std::int64_t points = points_ + CountCodepoints(std::string_view(text_).substr(counted_, byte - counted_));
    if (is_match) {
      points_ = points;
      counted_ = byte;
    }
    return points;
  }

  const std::string& text_;
  GroupNames groups_;
  std::size_t counted_ = 0;
  std::int64_t points_ = 0;
};

bool Search(Interpreter& run, regex_t* regex, const std::string& text, std::size_t from, OnigRegion* region,
            bool* found) {
  const std::unique_ptr<OnigMatchParam, MatchParameterDeleter> limits(onig_new_match_param());
  onig_initialize_match_param(limits.get());
  onig_set_retry_limit_in_match_of_match_param(limits.get(), kMaxRetries);
  onig_set_retry_limit_in_search_of_match_param(limits.get(), kMaxRetries);
  const auto* begin = reinterpret_cast<const OnigUChar*>(text.data());
  const OnigUChar* end = begin + text.size();
  const int at = onig_search_with_param(regex, begin, end, begin + from, end, region, ONIG_OPTION_NONE, limits.get());
  *found = at >= 0;
  if (at >= 0 || at == ONIG_MISMATCH) return true;
  OnigUChar message[ONIG_MAX_ERROR_MESSAGE_LEN];
  const int size = onig_error_code_to_str(message, at);
  return run.Fail("the regular expression cannot be matched: " +
                  std::string(reinterpret_cast<const char*>(message), static_cast<std::size_t>(size)));
}

// _match(pattern; flags; whether only a yes or no is wanted)
bool Match(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  if (!input.IsString()) return run.Fail(Shown(input) + " cannot be matched, as it is not a string");
  if (!arguments[0].IsString()) return run.Fail(Shown(arguments[0]) + " cannot be matched, as it is not a string");
  Flags flags;
  if (!ReadFlags(run, arguments[1], &flags)) return false;
  // Oniguruma must not see broken text.
  const std::string text = RepairUtf8(input.text());
  const auto regex = Compile(run, RepairUtf8(arguments[0].text()), flags);
  if (regex == nullptr) return false;
  const std::unique_ptr<OnigRegion, RegionDeleter> region(onig_region_new());
  Describer describer(text, regex.get());
  Array matches;
  bool found = false;
  for (std::size_t at = 0; at <= text.size();) {
    if (!Budget::Spend()) return false;
    onig_region_clear(region.get());
    if (!Search(run, regex.get(), text, at, region.get(), &found)) return false;
    if (!found || arguments[2].IsTruthy()) break;
    matches.push_back(describer.Match(*region));
    if (!flags.global) break;
    const auto end = static_cast<std::size_t>(region->end[0]);
    const bool is_empty = region->end[0] == region->beg[0];
    if (is_empty && end >= text.size()) break;
    at = is_empty ? end + CodepointSize(std::string_view(text).substr(end)) : end;
    if (!is_empty && at >= text.size()) break;
  }
  *out = arguments[2].IsTruthy() ? Value::Bool(found) : Value::Of(std::move(matches));
  return true;
}

constexpr Native kTable[] = {{"_match", 3, Match}};

}  // namespace

std::span<const Native> RegexNatives() { return kTable; }

}  // namespace eider::jq
