#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "columnar/value_writer.h"

namespace eider::columnar {

// Writes an object from the columns of a container: the rows themselves or a struct. Constant members and keys are
// folded into the texts between the values. Immutable.
class ObjectWriter {
 public:
  // Compiles the members of `shape`, a kObject, against the container `schema`.
  static Result<ObjectWriter> Compile(const Shape& shape, const ArrowSchema& schema, const WriterContext& context);

  // Writes the object of the container's row at `position`, counted with the container's offset.
  void Write(const ArrowArray& container, std::int64_t position, JsonSink& sink) const;

 private:
  friend class ObjectCompiler;

  struct Part {
    FixedText before;  // From the previous value to this one: `,"key":`, constants included.
    int column = -1;   // Of a value.
    ValueWriterPtr value;
    std::unique_ptr<ObjectWriter> object;  // Instead of `value`: an object of the same container.
  };

  int presence_ = -1;
  FixedText null_text_;
  std::vector<Part> parts_;
  FixedText end_;
};

}  // namespace eider::columnar
