#pragma once

#include <cstdint>
#include <cstring>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "columnar/batch.h"

namespace eider::columnar {

// Arrow columns made by hand for tests. Everything lives in one pool that outlives the batch.
class ArrowBuilder {
 public:
  struct Column {
    ArrowSchema schema{};
    ArrowArray array{};
  };

  // A column of fixed-size values; `valid` empty = no nulls.
  template <class T>
  Column* Values(const std::string& name, const std::string& format, const std::vector<T>& values,
                 const std::vector<bool>& valid = {}) {
    Column* column = Make(name, format, static_cast<std::int64_t>(values.size()), 2, valid);
    column->array.buffers[1] = Keep(values.data(), values.size() * sizeof(T));
    return column;
  }

  Column* Text(const std::string& name, const std::string& format, const std::vector<std::string>& values,
               const std::vector<bool>& valid = {}) {
    Column* column = Make(name, format, static_cast<std::int64_t>(values.size()), 3, valid);
    std::vector<std::int32_t> offsets = {0};
    std::string bytes;
    for (const std::string& value : values) {
      bytes += value;
      offsets.push_back(static_cast<std::int32_t>(bytes.size()));
    }
    column->array.buffers[1] = Keep(offsets.data(), offsets.size() * sizeof(std::int32_t));
    column->array.buffers[2] = Keep(bytes.data(), bytes.size());
    return column;
  }

  Column* List(const std::string& name, const std::string& format, const std::vector<std::int32_t>& offsets,
               Column* element, const std::vector<bool>& valid = {}) {
    Column* column = Make(name, format, static_cast<std::int64_t>(offsets.size()) - 1, 2, valid);
    column->array.buffers[1] = Keep(offsets.data(), offsets.size() * sizeof(std::int32_t));
    SetChildren(column, {element});
    return column;
  }

  // A struct, a fixed-size list ("+w:2") or a whole batch.
  Column* Nest(const std::string& name, const std::string& format, std::int64_t length,
               const std::vector<Column*>& children, const std::vector<bool>& valid = {}) {
    Column* column = Make(name, format, length, 1, valid);
    SetChildren(column, children);
    return column;
  }

  static void SetDictionary(Column* column, Column* values) {
    column->schema.dictionary = &values->schema;
    column->array.dictionary = &values->array;
  }

  // The columns as a batch; only valid while the builder lives.
  Batch ToBatch(std::int64_t rows, const std::vector<Column*>& columns) {
    const Column* root = Nest("", "+s", rows, columns);
    return {std::make_shared<const BatchSchema>(root->schema), root->array};
  }

 private:
  Column* Make(const std::string& name, const std::string& format, std::int64_t length, std::int64_t buffers,
               const std::vector<bool>& valid) {
    Column* column = &columns_.emplace_back();
    column->schema.name = texts_.emplace_back(name).c_str();
    column->schema.format = texts_.emplace_back(format).c_str();
    column->array.length = length;
    column->array.n_buffers = buffers;
    column->array.buffers = buffers_.emplace_back(static_cast<std::size_t>(buffers), nullptr).data();
    if (valid.empty()) return column;
    std::string bits(valid.size() / 8 + 1, '\0');
    for (std::size_t i = 0; i < valid.size(); ++i) {
      if (valid[i]) bits[i / 8] = static_cast<char>(bits[i / 8] | (1 << (i % 8)));
      column->array.null_count += valid[i] ? 0 : 1;
    }
    column->array.buffers[0] = Keep(bits.data(), bits.size());
    return column;
  }

  void SetChildren(Column* column, const std::vector<Column*>& children) {
    auto& schemas = schemas_.emplace_back();
    auto& arrays = arrays_.emplace_back();
    for (Column* child : children) {
      schemas.push_back(&child->schema);
      arrays.push_back(&child->array);
    }
    column->schema.n_children = column->array.n_children = static_cast<std::int64_t>(children.size());
    column->schema.children = schemas.data();
    column->array.children = arrays.data();
  }

  const void* Keep(const void* bytes, std::size_t size) {
    auto& kept = bytes_.emplace_back(size);
    if (size > 0) std::memcpy(kept.data(), bytes, size);
    return kept.data();
  }

  std::list<Column> columns_;
  std::list<std::string> texts_;
  std::list<std::vector<const void*>> buffers_;
  std::list<std::vector<ArrowSchema*>> schemas_;
  std::list<std::vector<ArrowArray*>> arrays_;
  std::list<std::vector<char>> bytes_;
};

}  // namespace eider::columnar
