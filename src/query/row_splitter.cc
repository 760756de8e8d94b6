#include "query/row_splitter.h"

#include <fmt/format.h>

namespace eider::query {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool EndsBare(char c) { return c == ',' || c == '}' || c == ']' || IsSpace(c); }

std::string_view WithoutQuotes(std::string_view key) {
  return key.size() < 2 ? std::string_view() : key.substr(1, key.size() - 2);
}

Error TooLarge(std::size_t largest) {
  return {ErrorCode::kResultTooLarge,
          fmt::format("a message of the subscription is longer than {} MiB: select fewer fields, or set a limit on the "
                      "related rows",
                      largest >> 20)};
}

}  // namespace

Status RowSplitter::Take(std::string_view bytes, const Subscription::Emit& emit) {
  while (!bytes.empty() && !failed_ && place_ != Place::kEnd) {
    switch (place_) {
      case Place::kBetween: ReadBetween(bytes, emit); break;
      case Place::kKey: ReadKey(bytes); break;
      case Place::kValue: ReadValue(bytes, emit); break;
      case Place::kEnd: break;
    }
    const std::size_t name = levels_.empty() ? 0 : levels_.back().name.size();
    failed_ = failed_ || text_.size() > largest_ || errors_.size() > largest_ || name > largest_;
  }
  if (failed_) return TooLarge(largest_);
  return {};
}

void RowSplitter::End(const Subscription::Emit& emit) {
  place_ = Place::kEnd;
  if (failed_) return;
  if (!errors_.empty()) return emit("{\"errors\":" + errors_ + (has_null_data_ ? ",\"data\":null}" : "}"));
  if (has_null_data_) emit("{\"data\":null}");
}

void RowSplitter::ReadBetween(std::string_view& rest, const Subscription::Emit& emit) {
  const char c = rest.front();
  if (IsSpace(c) || c == ',' || c == ':') return rest.remove_prefix(1);
  if (levels_.empty()) {
    // Only an object is an answer.
    rest.remove_prefix(1);
    if (c != '{') return void(place_ = Place::kEnd);
    return Enter(Container::kAnswer, nullptr);
  }
  if (c == '}' || c == ']') {
    rest.remove_prefix(1);
    return Leave();
  }
  Level& level = levels_.back();
  if (level.container != Container::kRows && !level.has_name) {
    level.name.clear();
    escaped_ = false;
    place_ = Place::kKey;
    return ReadKey(rest);
  }
  BeginValue(c);
  if (place_ == Place::kBetween) return rest.remove_prefix(1);  // It was entered.
  ReadValue(rest, emit);
}

void RowSplitter::ReadKey(std::string_view& rest) {
  Level& level = levels_.back();
  std::size_t length = 0;
  bool ends = false;
  while (length < rest.size() && !ends) {
    const char c = rest[length++];
    ends = c == '"' && !escaped_ && !(level.name.empty() && length == 1);
    escaped_ = c == '\\' && !escaped_;
  }
  level.name.append(rest.substr(0, length));
  rest.remove_prefix(length);
  if (!ends) return;
  level.has_name = true;
  place_ = Place::kBetween;
}

void RowSplitter::BeginValue(char first) {
  Level& level = levels_.back();
  const std::string_view name = WithoutQuotes(level.name);
  use_ = Use::kMessage;
  if (level.container == Container::kAnswer) {
    if (name == "data" && first == '{') return Enter(Container::kModule, &shape_);
    // Data that is no object is null.
    if (name == "data") has_null_data_ = true;
    use_ = name == "errors" ? Use::kErrors : Use::kNothing;
  } else if (level.container == Container::kModule) {
    const AnswerShape* member = level.shape->Find(name);
    const ShapeKind kind = member == nullptr ? ShapeKind::kValue : member->kind;
    if (kind == ShapeKind::kModule && first == '{') return Enter(Container::kModule, member);
    if (kind == ShapeKind::kRows && first == '[') return Enter(Container::kRows, member);
  }
  text_.clear();
  nesting_ = 0;
  in_string_ = escaped_ = false;
  is_bare_ = first != '"' && first != '{' && first != '[';
  place_ = Place::kValue;
}

void RowSplitter::Enter(Container container, const AnswerShape* shape) {
  levels_.push_back({container, shape, {}, false});
  place_ = Place::kBetween;
}

void RowSplitter::Leave() {
  levels_.pop_back();
  if (levels_.empty()) {
    place_ = Place::kEnd;
  } else {
    levels_.back().has_name = false;
  }
}

void RowSplitter::ReadValue(std::string_view& rest, const Subscription::Emit& emit) {
  bool ends = false;
  const std::size_t length = Measure(rest, ends);
  if (use_ != Use::kNothing) text_.append(rest.substr(0, length));
  rest.remove_prefix(length);
  if (ends) EndValue(emit);
}

std::size_t RowSplitter::Measure(std::string_view rest, bool& ends) {
  std::size_t length = 0;
  while (length < rest.size()) {
    const char c = rest[length];
    if (is_bare_) {
      if (EndsBare(c)) {
        ends = true;
        return length;
      }
      ++length;
      continue;
    }
    ++length;
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++nesting_;
    } else if ((c == '}' || c == ']') && nesting_ > 0) {
      --nesting_;
    }
    if (nesting_ == 0 && !in_string_) {
      ends = true;
      return length;
    }
  }
  return length;
}

void RowSplitter::EndValue(const Subscription::Emit& emit) {
  place_ = Place::kBetween;
  if (use_ == Use::kErrors) errors_ = text_;
  if (use_ == Use::kMessage && text_.size() <= largest_) {
    std::string message = Message(text_);
    failed_ = message.size() > largest_;
    if (!failed_) emit(std::move(message));
  }
  if (text_.size() > largest_) failed_ = true;
  text_.clear();
  levels_.back().has_name = false;
}

std::string RowSplitter::Message(std::string_view value) const {
  std::string message = "{\"data\":";
  std::size_t open = 1;
  for (const Level& level : levels_) {
    if (level.container != Container::kModule) continue;
    message.append("{").append(level.name).append(":");
    ++open;
  }
  message.append(value);
  return message.append(open, '}');
}

}  // namespace eider::query
