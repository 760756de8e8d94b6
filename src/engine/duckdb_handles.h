#pragma once

#include <duckdb.h>

#include <string>
#include <utility>

namespace eider::engine {

// Owns one handle of DuckDB's C interface and gives it back with `kDestroy`. Move-only; empty after a move.
template <class T, auto kDestroy>
class Handle {
 public:
  Handle() = default;
  explicit Handle(T raw) : raw_(raw) {}
  ~Handle() { Reset(); }
  Handle(Handle&& other) noexcept : raw_(std::exchange(other.raw_, T{})) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      Reset();
      raw_ = std::exchange(other.raw_, T{});
    }
    return *this;
  }

  T get() const { return raw_; }
  explicit operator bool() const { return raw_ != T{}; }

  // The address for functions that fill a handle.
  T* Out() {
    Reset();
    return &raw_;
  }

  void Reset() {
    if (raw_ != T{}) kDestroy(&raw_);
    raw_ = T{};
  }

 private:
  T raw_ = T{};
};

using DatabaseHandle = Handle<duckdb_database, &duckdb_close>;
using ConfigHandle = Handle<duckdb_config, &duckdb_destroy_config>;
using ConnectionHandle = Handle<duckdb_connection, &duckdb_disconnect>;
using PreparedHandle = Handle<duckdb_prepared_statement, &duckdb_destroy_prepare>;
using PendingHandle = Handle<duckdb_pending_result, &duckdb_destroy_pending>;
using ExtractedHandle = Handle<duckdb_extracted_statements, &duckdb_destroy_extracted>;
using TypeHandle = Handle<duckdb_logical_type, &duckdb_destroy_logical_type>;
using ValueHandle = Handle<duckdb_value, &duckdb_destroy_value>;
using ChunkHandle = Handle<duckdb_data_chunk, &duckdb_destroy_data_chunk>;
using ArrowOptionsHandle = Handle<duckdb_arrow_options, &duckdb_destroy_arrow_options>;
using ErrorHandle = Handle<duckdb_error_data, &duckdb_destroy_error_data>;

// Owns a result; `duckdb_result` is a structure and not a pointer. Movable.
class ResultHandle {
 public:
  ResultHandle() = default;
  ~ResultHandle() { Reset(); }
  ResultHandle(ResultHandle&& other) noexcept
      : raw_(std::exchange(other.raw_, duckdb_result{})),
        filled_(std::exchange(other.filled_, false)) {}
  ResultHandle& operator=(ResultHandle&& other) noexcept {
    if (this != &other) {
      Reset();
      raw_ = std::exchange(other.raw_, duckdb_result{});
      filled_ = std::exchange(other.filled_, false);
    }
    return *this;
  }

  duckdb_result* get() { return &raw_; }
  duckdb_result* Out() {
    Reset();
    filled_ = true;
    return &raw_;
  }
  void Reset() {
    if (filled_) duckdb_destroy_result(&raw_);
    raw_ = duckdb_result{};
    filled_ = false;
  }

 private:
  duckdb_result raw_{};
  bool filled_ = false;
};

// Takes over a string that DuckDB allocated; empty for null.
inline std::string TakeText(const char* text) {
  std::string out = text == nullptr ? "" : text;
  duckdb_free(const_cast<char*>(text));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  return out;
}

}  // namespace eider::engine
