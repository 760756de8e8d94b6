#include "graphql/arena.h"

#include <algorithm>

namespace eider::graphql {

void* Arena::AllocateSlow(size_t size, size_t alignment) {
  const size_t needed = size + alignment;
  const size_t block_size = std::max(needed, next_block_);
  blocks_.push_back(std::unique_ptr<char[]>(new char[block_size]));
  char* block = blocks_.back().get();
  // A block made for one large item does not end the use of the current one.
  if (needed > next_block_ && cursor_ != nullptr) {
    const auto address = reinterpret_cast<uintptr_t>(block);
    return reinterpret_cast<void*>((address + alignment - 1) & ~(uintptr_t{alignment} - 1));
  }
  cursor_ = block;
  end_ = block + block_size;
  next_block_ = std::min(next_block_ * 2, kLargestBlock);
  return Allocate(size, alignment);
}

}  // namespace eider::graphql
