#include "postgres/arrow_parts.h"

#include <utility>

namespace eider::postgres {
namespace {

constexpr std::int64_t kArrowFlagNullable = 2;

struct SchemaMemory {
  std::string name;
  std::string format;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> child_pointers;
};

void ReleaseSchema(ArrowSchema* schema) {
  const std::unique_ptr<SchemaMemory> memory(static_cast<SchemaMemory*>(schema->private_data));
  for (ArrowSchema& child : memory->children) {
    if (child.release != nullptr) child.release(&child);
  }
  schema->release = nullptr;
}

void ReleaseArray(ArrowArray* array) {
  const std::unique_ptr<ArrayMemory> memory(static_cast<ArrayMemory*>(array->private_data));
  for (ArrowArray& child : memory->children) {
    if (child.release != nullptr) child.release(&child);
  }
  array->release = nullptr;
}

}  // namespace

void Validity::AppendNull() {
  if (nulls_ == 0) {
    for (std::int64_t i = 0; i < size_; ++i) Set(i);
  }
  ++nulls_;
  Grow(size_);
  ++size_;
}

std::vector<std::uint8_t> Validity::Take() {
  std::vector<std::uint8_t> bits = std::exchange(bits_, {});
  size_ = 0;
  nulls_ = 0;
  return bits;
}

void Validity::Clear() { (void)Take(); }

void ExportArray(std::unique_ptr<ArrayMemory> memory, Validity& validity, std::vector<const void*> buffers,
                 ArrowArray& array) {
  array = {};
  array.length = validity.size();
  array.null_count = validity.nulls();
  memory->validity = validity.Take();
  memory->buffers[0] = array.null_count > 0 ? memory->validity.data() : nullptr;
  array.n_buffers = static_cast<std::int64_t>(buffers.size()) + 1;
  for (std::size_t i = 0; i < buffers.size(); ++i) memory->buffers[i + 1] = buffers[i];
  for (ArrowArray& child : memory->children) memory->child_pointers.push_back(&child);
  array.n_children = static_cast<std::int64_t>(memory->children.size());
  array.children = memory->child_pointers.data();
  array.buffers = memory->buffers;
  array.release = ReleaseArray;
  array.private_data = memory.release();
}

void ExportNulls(std::int64_t length, ArrowArray& array) {
  array = {};
  array.length = length;
  array.null_count = length;
  auto memory = std::make_unique<ArrayMemory>();
  array.buffers = memory->buffers;
  array.release = ReleaseArray;
  array.private_data = memory.release();
}

void ExportSchema(std::string_view name, std::string_view format, std::vector<ArrowSchema> children,
                  const char* metadata, ArrowSchema& schema) {
  auto memory = std::make_unique<SchemaMemory>();
  memory->name = name;
  memory->format = format;
  memory->children = std::move(children);
  for (ArrowSchema& child : memory->children) memory->child_pointers.push_back(&child);
  schema = {};
  schema.name = memory->name.c_str();
  schema.format = memory->format.c_str();
  schema.metadata = metadata;
  schema.flags = kArrowFlagNullable;
  schema.n_children = static_cast<std::int64_t>(memory->children.size());
  schema.children = memory->child_pointers.data();
  schema.release = ReleaseSchema;
  schema.private_data = memory.release();
}

}  // namespace eider::postgres
