#pragma once

#include <memory>
#include <optional>
#include <string>

#include "query/service.h"

namespace eider::query {

// What bounds the answer of a request, and how a failure is told.
struct AnswerBounds {
  std::optional<std::int64_t> max_bytes;
  std::string request_id;
  bool full_errors = false;
  bool plain_errors = false;  // Failures are plain text.
};

// An execution whose answer may not grow beyond bounds. The beginning of the answer is held back, so that what exceeds
// them is an error answer; only behind the first 16 MiB does it break the connection instead.
class LimitedExecution final : public Execution {
 public:
  LimitedExecution(AnswerBounds bounds, std::unique_ptr<Execution> inner);

  const std::string* ready_body() const override;
  WorkClass work_class() const override { return inner_->work_class(); }
  Status Run(ResponseSink& sink) override;
  bool StartCoalesced(std::function<void(std::string body)> done) override;
  bool StartShared(Sharing sharing) override;
  std::optional<AnswerReads> Reads() const override { return inner_->Reads(); }
  std::vector<std::string> Sources() const override { return inner_->Sources(); }
  const ExecutionStats& stats() const override { return refused_ ? *refused_ : inner_->stats(); }

 private:
  bool Fits(std::size_t bytes) const {
    return !bounds_.max_bytes || bytes <= static_cast<std::size_t>(std::max<std::int64_t>(0, *bounds_.max_bytes));
  }
  Error TooLarge() const;
  // The body of a failure, which the statistics tell from now on.
  std::string Refuse(const Error& error);
  std::string Checked(std::string body);

  const AnswerBounds bounds_;
  const std::unique_ptr<Execution> inner_;
  std::optional<ExecutionStats> refused_;
  std::optional<std::string> ready_;
};

}  // namespace eider::query
