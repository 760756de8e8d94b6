#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace eider::graphql {

// A bump allocator for trivially destructible nodes and texts. Memory is freed all at once with the
// arena; pointers stay valid when the arena is moved. Not thread-safe while being filled.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&& other) noexcept { *this = std::move(other); }
  Arena& operator=(Arena&& other) noexcept {
    blocks_ = std::move(other.blocks_);
    cursor_ = std::exchange(other.cursor_, nullptr);
    end_ = std::exchange(other.end_, nullptr);
    next_block_ = std::exchange(other.next_block_, kFirstBlock);
    return *this;
  }

  // Returns `size` bytes aligned to `alignment` (a power of two).
  void* Allocate(size_t size, size_t alignment) {
    const auto address = reinterpret_cast<uintptr_t>(cursor_);
    const uintptr_t aligned = (address + alignment - 1) & ~(uintptr_t{alignment} - 1);
    if (cursor_ == nullptr || aligned + size > reinterpret_cast<uintptr_t>(end_)) return AllocateSlow(size, alignment);
    cursor_ = reinterpret_cast<char*>(aligned + size);
    return reinterpret_cast<void*>(aligned);
  }

  // Constructs one `T`.
  template <class T, class... Args>
  T* New(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (Allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
  }

  // Copies `items`.
  template <class T>
  std::span<const T> Copy(std::span<const T> items) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (items.empty()) return {};
    void* target = Allocate(items.size_bytes(), alignof(T));
    std::memcpy(target, items.data(), items.size_bytes());
    return {static_cast<const T*>(target), items.size()};
  }

  // Copies `text`; the result is never a null view.
  std::string_view CopyText(std::string_view text) {
    if (text.empty()) return std::string_view("", 0);
    char* target = static_cast<char*>(Allocate(text.size(), 1));
    std::memcpy(target, text.data(), text.size());
    return {target, text.size()};
  }

 private:
  static constexpr size_t kFirstBlock = 4096;
  static constexpr size_t kLargestBlock = size_t{1} << 20;

  void* AllocateSlow(size_t size, size_t alignment);

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* cursor_ = nullptr;
  char* end_ = nullptr;
  size_t next_block_ = kFirstBlock;
};

}  // namespace eider::graphql
