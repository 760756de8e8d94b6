#pragma once

#include <cstdint>
#include <memory>

#include "columnar/arrow_c.h"

namespace eider::columnar {

// The Arrow schema of a result: one struct whose children are the columns. Owns the C structure; shared and immutable.
class BatchSchema {
 public:
  explicit BatchSchema(ArrowSchema schema) : schema_(schema) {}
  ~BatchSchema() {
    if (schema_.release != nullptr) schema_.release(&schema_);
  }
  BatchSchema(const BatchSchema&) = delete;
  BatchSchema& operator=(const BatchSchema&) = delete;

  const ArrowSchema& c_schema() const { return schema_; }
  std::int64_t column_count() const { return schema_.n_children; }

 private:
  ArrowSchema schema_;
};

// Rows of one result in Arrow layout. Owns its buffers; movable; readable from any one thread at a time.
class Batch {
 public:
  Batch(std::shared_ptr<const BatchSchema> schema, ArrowArray array) : schema_(std::move(schema)), array_(array) {}
  ~Batch() { Release(); }
  Batch(Batch&& other) noexcept : schema_(std::move(other.schema_)), array_(other.array_) {
    other.array_.release = nullptr;
  }
  Batch& operator=(Batch&& other) noexcept {
    if (this != &other) {
      Release();
      schema_ = std::move(other.schema_);
      array_ = other.array_;
      other.array_.release = nullptr;
    }
    return *this;
  }

  std::int64_t rows() const { return array_.length; }
  const ArrowArray& c_array() const { return array_; }
  const std::shared_ptr<const BatchSchema>& schema() const { return schema_; }

 private:
  void Release() {
    if (array_.release != nullptr) array_.release(&array_);
  }
  std::shared_ptr<const BatchSchema> schema_;
  ArrowArray array_;
};

}  // namespace eider::columnar
