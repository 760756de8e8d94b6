#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eider::jq {

class Object;
class Value;
using Array = std::vector<Value>;

// In the order in which jq sorts values.
enum class Kind : std::uint8_t { kNull, kFalse, kTrue, kNumber, kString, kArray, kObject };

// What strings, arrays, objects and long numbers point to; its size counts in the budget of the thread.
struct Node;

// An immutable JSON value; cheap to copy. Integers of 64 bits are exact, other numbers are doubles, and a number that
// is read and fits neither keeps its text. Belongs to the thread of one run.
class Value {
 public:
  Value() = default;  // null
  static Value Bool(bool value);
  static Value Int(std::int64_t value);
  static Value Double(double value);
  static Value Text(std::string text);
  static Value Of(Array items);
  static Value Of(Object members);
  // A number from its JSON text.
  static Value Number(std::string_view text);

  Kind kind() const;
  bool IsNull() const { return tag_ == Tag::kNull; }
  bool IsTruthy() const { return tag_ != Tag::kNull && tag_ != Tag::kFalse; }
  bool IsNumber() const { return kind() == Kind::kNumber; }
  bool IsInt() const { return tag_ == Tag::kInt; }
  bool IsString() const { return tag_ == Tag::kString; }
  bool IsArray() const { return tag_ == Tag::kArray; }
  bool IsObject() const { return tag_ == Tag::kObject; }

  std::int64_t integer() const { return integer_; }  // REQUIRES: IsInt().
  double number() const;                             // REQUIRES: IsNumber().
  // The text of a number that is exact in no other form; empty for all others.
  std::string_view long_number() const;
  const std::string& text() const;  // REQUIRES: IsString().
  const Array& array() const;       // REQUIRES: IsArray().
  const Object& object() const;     // REQUIRES: IsObject().
  const void* identity() const { return node_.get(); }

  // Takes the items out to be changed: moved when nobody else has them, else copied. This becomes null.
  Array TakeArray();
  Object TakeObject();

 private:
  enum class Tag : std::uint8_t { kNull, kFalse, kTrue, kInt, kDouble, kLong, kString, kArray, kObject };

  Tag tag_ = Tag::kNull;
  union {
    std::int64_t integer_ = 0;
    double double_;
  };
  std::shared_ptr<Node> node_;
};

// The members of an object in the order of their first appearance.
class Object {
 public:
  using Member = std::pair<std::string, Value>;
  const Value* Find(std::string_view key) const;
  void Set(std::string_view key, Value value);
  void Erase(std::string_view key);
  // The value for `key`, null and new when there was none.
  Value& At(std::string_view key);
  std::size_t size() const { return members_.size(); }
  bool empty() const { return members_.empty(); }
  const std::vector<Member>& members() const { return members_; }
  std::vector<Member>& members() { return members_; }
  // The members by key.
  std::vector<const Member*> Sorted() const;

 private:
  std::size_t Position(std::string_view key) const;

  std::vector<Member> members_;
  mutable std::vector<std::uint32_t> slots_;  // Hash index of large objects; empty = not built.
};

// Less than zero, zero or more as `a` sorts before, with or behind `b`.
int Compare(const Value& a, const Value& b);

// "null", "boolean", "number" …
std::string_view TypeName(const Value& value);

// Appends JSON text.
void AppendJson(const Value& value, std::string& out);
std::string ToJson(const Value& value);

// The beginning of the JSON text, for messages.
std::string Excerpt(const Value& value);

// Reads JSON text; false, with `problem` filled, when it is none.
bool ParseJson(std::string_view text, Value* out, std::string* problem);

}  // namespace eider::jq
