#pragma once

#include <cstddef>
#include <functional>

#include "base/result.h"

namespace eider::jq {

// Calls `work` on a thread with a stack of `size` bytes and waits for its end. Memory is taken only for the part that
// is used. Fails with kOverloaded when there is no thread to be had.
Status OnLargeStack(std::size_t size, const std::function<void()>& work);

}  // namespace eider::jq
