#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/answer_shape.h"
#include "query/subscription.h"

namespace eider::query {

// Cuts the JSON text of one answer into messages while it comes: one for each row of the lists that its shape names,
// one for every other value, each nested as it was in the answer. Keeps no more than one row. Errors make one message;
// `extensions` make none. For one answer and one thread. Text that is no such answer gives some messages or none, but
// is never read wrongly: it has no undefined behaviour.
class RowSplitter {
 public:
  // `largest`: bytes of one message.
  RowSplitter(AnswerShape shape, std::size_t largest) : shape_(std::move(shape)), largest_(largest) {}

  // Takes the next bytes. Fails with kResultTooLarge, and takes nothing from then on.
  Status Take(std::string_view bytes, const Subscription::Emit& emit);
  // The text is complete.
  void End(const Subscription::Emit& emit);

 private:
  // Where the reader stands: between the parts of a container, or inside a key or a value.
  enum class Place { kBetween, kKey, kValue, kEnd };
  // What the innermost container that was entered is, and what stands next in it.
  enum class Container { kAnswer, kModule, kRows };
  struct Level {
    Container container;
    const AnswerShape* shape;  // Null for kAnswer.
    std::string name;          // Of the member that is read, as text of JSON with its quotes.
    bool has_name = false;     // Whether that member's value comes next.
  };
  // What becomes of a value.
  enum class Use { kMessage, kErrors, kNothing };

  // Each takes some bytes of `rest`, at least one.
  void ReadBetween(std::string_view& rest, const Subscription::Emit& emit);
  void ReadKey(std::string_view& rest);
  void ReadValue(std::string_view& rest, const Subscription::Emit& emit);

  void BeginValue(char first);
  void Enter(Container container, const AnswerShape* shape);
  void Leave();
  void EndValue(const Subscription::Emit& emit);
  // How many of the bytes belong to the value; tells whether it ends with them.
  std::size_t Measure(std::string_view rest, bool& ends);
  std::string Message(std::string_view value) const;

  const AnswerShape shape_;
  const std::size_t largest_;
  Place place_ = Place::kBetween;
  std::vector<Level> levels_;
  std::string text_;  // The value that is read, as far as it is kept.
  Use use_ = Use::kNothing;
  std::size_t nesting_ = 0;  // Brackets that are open inside the value.
  bool is_bare_ = false;     // A number, true, false or null, which ends before another byte.
  bool in_string_ = false;
  bool escaped_ = false;
  bool has_null_data_ = false;
  bool failed_ = false;
  std::string errors_;
};

}  // namespace eider::query
