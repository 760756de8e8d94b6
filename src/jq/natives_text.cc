// Strings.
#include "jq/budget.h"
#include "jq/interpreter.h"
#include "jq/natives.h"
#include "jq/strings.h"
#include "jq/utf8.h"

namespace eider::jq {

Value SplitString(std::string_view text, std::string_view separator) {
  Array parts;
  if (text.empty()) return Value::Of(std::move(parts));
  if (separator.empty()) {
    while (!text.empty() && Budget::Spend()) {
      const std::size_t size = CodepointSize(text);
      parts.push_back(Value::Text(std::string(text.substr(0, size))));
      text.remove_prefix(size);
    }
    return Value::Of(std::move(parts));
  }
  while (Budget::Spend()) {
    const std::size_t at = text.find(separator);
    parts.push_back(Value::Text(std::string(text.substr(0, at))));
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + separator.size());
  }
  return Value::Of(std::move(parts));
}

std::string TextOf(const Value& value) { return value.IsString() ? value.text() : ToJson(value); }

namespace {

using Arguments = std::span<const Value>;

std::string Shown(const Value& value) { return std::string(TypeName(value)) + " (" + Excerpt(value) + ")"; }

bool ByteLength(Interpreter& run, const Value& input, Arguments, Value* out) {
  if (!input.IsString()) return run.Fail(Shown(input) + " only strings have UTF-8 byte length");
  *out = Value::Int(static_cast<std::int64_t>(input.text().size()));
  return true;
}

bool StartsWith(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  if (!input.IsString() || !arguments[0].IsString()) return run.Fail("startswith() requires string inputs");
  *out = Value::Bool(input.text().starts_with(arguments[0].text()));
  return true;
}

bool EndsWith(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  if (!input.IsString() || !arguments[0].IsString()) return run.Fail("endswith() requires string inputs");
  *out = Value::Bool(input.text().ends_with(arguments[0].text()));
  return true;
}

// What does not begin, or end, so is left as it is.
Value TrimAffixes(const Value& input, const Value& affix, bool front, bool back) {
  if (!input.IsString() || !affix.IsString() || affix.text().empty()) return input;
  std::string_view text = input.text();
  if (front && text.starts_with(affix.text())) text.remove_prefix(affix.text().size());
  if (back && text.ends_with(affix.text())) text.remove_suffix(affix.text().size());
  return text.size() == input.text().size() ? input : Value::Text(std::string(text));
}

bool TrimFront(Interpreter&, const Value& input, Arguments arguments, Value* out) {
  return *out = TrimAffixes(input, arguments[0], true, false), true;
}
bool TrimBack(Interpreter&, const Value& input, Arguments arguments, Value* out) {
  return *out = TrimAffixes(input, arguments[0], false, true), true;
}
bool TrimBoth(Interpreter&, const Value& input, Arguments arguments, Value* out) {
  return *out = TrimAffixes(input, arguments[0], true, true), true;
}

bool TrimSpace(Interpreter& run, const Value& input, bool front, bool back, Value* out) {
  if (!input.IsString()) return run.Fail(Shown(input) + " cannot be trimmed");
  constexpr std::string_view kSpace = " \t\n\r\f\v";
  std::string_view text = input.text();
  if (front) text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  // Nothing found is one before the first.
  if (back) text = text.substr(0, text.find_last_not_of(kSpace) + 1);
  *out = Value::Text(std::string(text));
  return true;
}

bool Trim(Interpreter& run, const Value& input, Arguments, Value* out) {
  return TrimSpace(run, input, true, true, out);
}
bool LeftTrim(Interpreter& run, const Value& input, Arguments, Value* out) {
  return TrimSpace(run, input, true, false, out);
}
bool RightTrim(Interpreter& run, const Value& input, Arguments, Value* out) {
  return TrimSpace(run, input, false, true, out);
}

bool Explode(Interpreter& run, const Value& input, Arguments, Value* out) {
  if (!input.IsString()) return run.Fail(Shown(input) + " cannot be exploded");
  Array points;
  for (std::string_view rest = input.text(); !rest.empty();) points.push_back(Value::Int(TakeCodepoint(rest)));
  *out = Value::Of(std::move(points));
  return true;
}

bool Implode(Interpreter& run, const Value& input, Arguments, Value* out) {
  if (!input.IsArray()) return run.Fail(Shown(input) + " cannot be imploded");
  std::string text;
  for (const Value& point : input.array()) {
    if (!point.IsNumber()) return run.Fail("Unicode codepoint must be numeric");
    const double number = point.number();
    const bool valid = number >= 0 && number <= 0x10FFFF && !(number >= 0xD800 && number < 0xE000);
    AppendCodepoint(text, valid ? static_cast<std::uint32_t>(number) : 0xFFFD);
  }
  *out = Value::Text(std::move(text));
  return true;
}

bool Split(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  if (!input.IsString() || !arguments[0].IsString()) return run.Fail("split input and separator must be strings");
  *out = SplitString(input.text(), arguments[0].text());
  return true;
}

bool Join(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  if (!input.IsArray()) return run.Fail("Cannot iterate over " + Shown(input));
  if (input.array().empty()) return *out = Value::Text(""), true;
  if (!arguments[0].IsString()) {
    return run.Fail(Shown(arguments[0]) + " and " + Shown(input.array()[0]) + " cannot be added");
  }
  std::string joined;
  bool first = true;
  for (const Value& item : input.array()) {
    if (!Budget::HasRoom(static_cast<std::int64_t>(joined.size()))) return false;
    if (!first) joined.append(arguments[0].text());
    first = false;
    if (item.IsNull()) continue;
    if (item.IsArray() || item.IsObject())
      return run.Fail("string (" + Excerpt(Value::Text(joined)) + ") and " + Shown(item) + " cannot be added");
    joined.append(TextOf(item));
  }
  *out = Value::Text(std::move(joined));
  return true;
}

bool ChangeCase(Interpreter& run, const Value& input, char from, char to, const char* name, Value* out) {
  if (!input.IsString()) return run.Fail(std::string(name) + " input must be a string");
  std::string text = input.text();
  for (char& c : text) {
    if (c >= from && c < from + 26) c = static_cast<char>(c - from + to);
  }
  *out = Value::Text(std::move(text));
  return true;
}

bool Downcase(Interpreter& run, const Value& input, Arguments, Value* out) {
  return ChangeCase(run, input, 'A', 'a', "ascii_downcase", out);
}
bool Upcase(Interpreter& run, const Value& input, Arguments, Value* out) {
  return ChangeCase(run, input, 'a', 'A', "ascii_upcase", out);
}

constexpr Native kTable[] = {
    {"utf8bytelength", 0, ByteLength},
    {"startswith", 1, StartsWith},
    {"endswith", 1, EndsWith},
    {"ltrimstr", 1, TrimFront},
    {"rtrimstr", 1, TrimBack},
    {"trimstr", 1, TrimBoth},
    {"trim", 0, Trim},
    {"ltrim", 0, LeftTrim},
    {"rtrim", 0, RightTrim},
    {"explode", 0, Explode},
    {"implode", 0, Implode},
    {"split", 1, Split},
    {"join", 1, Join},
    {"ascii_downcase", 0, Downcase},
    {"ascii_upcase", 0, Upcase},
};

}  // namespace

std::span<const Native> TextNatives() { return kTable; }

}  // namespace eider::jq
