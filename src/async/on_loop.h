#pragma once

#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <utility>

namespace eider::async {

// Makes an object that belongs to `loop` and ends on its thread, whichever thread lets go of it last. `loop` must turn
// until the object has ended.
template <class T, class... Args>
std::shared_ptr<T> MakeOnLoop(boost::asio::io_context& loop, Args&&... args) {
  return std::shared_ptr<T>(new T(std::forward<Args>(args)...), [&loop](T* object) {
    boost::asio::dispatch(loop, [owned = std::unique_ptr<T>(object)] {});
  });
}

}  // namespace eider::async
