#include "engine/statement_calls.h"

namespace eider::engine {

std::shared_ptr<CallMemo> CallTable::Find(std::uint64_t connection) {
  MutexLock lock(mutex_);
  const auto it = entries_.find(connection);
  return it == entries_.end() ? nullptr : it->second->Memo();
}

StatementCalls::StatementCalls(CallTable& table, duckdb_connection connection) : table_(table) {
  duckdb_client_context context = nullptr;
  duckdb_connection_get_client_context(connection, &context);
  id_ = duckdb_client_context_get_connection_id(context);
  duckdb_destroy_client_context(&context);
  MutexLock lock(table_.mutex_);
  table_.entries_[id_] = this;
}

StatementCalls::~StatementCalls() {
  MutexLock lock(table_.mutex_);
  table_.entries_.erase(id_);
}

void StatementCalls::Begin(const Limits& limits, Interruption& interruption) {
  MutexLock lock(mutex_);
  deadline_ = limits.deadline;
  trace_ = limits.trace;
  interruption_ = &interruption;
  memo_ = nullptr;
}

void StatementCalls::End() {
  MutexLock lock(mutex_);
  interruption_ = nullptr;
  memo_ = nullptr;
  trace_ = nullptr;
}

std::shared_ptr<CallMemo> StatementCalls::Memo() {
  MutexLock lock(mutex_);
  if (interruption_ == nullptr) return nullptr;
  if (memo_ == nullptr) {
    Limits limits{deadline_, interruption_->token()};
    limits.trace = trace_;
    memo_ = std::make_shared<CallMemo>(std::move(limits));
  }
  return memo_;
}

std::optional<Error> StatementCalls::failure() {
  std::shared_ptr<CallMemo> memo;
  {
    MutexLock lock(mutex_);
    memo = memo_;
  }
  return memo == nullptr ? std::nullopt : memo->failure();
}

}  // namespace eider::engine
