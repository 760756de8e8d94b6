#include "jq/large_stack.h"

#include <pthread.h>

namespace eider::jq {
namespace {

void* Call(void* work) {
  (*static_cast<const std::function<void()>*>(work))();
  return nullptr;
}

}  // namespace

Status OnLargeStack(std::size_t size, const std::function<void()>& work) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, size);
  pthread_t thread{};
  void* argument = const_cast<std::function<void()>*>(&work);
  const bool started = pthread_create(&thread, &attributes, Call, argument) == 0;
  pthread_attr_destroy(&attributes);
  if (!started) return Error(ErrorCode::kOverloaded, "no thread for a jq program; try again later");
  pthread_join(thread, nullptr);
  return {};
}

}  // namespace eider::jq
