#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "query/answer_shape.h"
#include "query/row_splitter.h"
#include "query/service.h"

namespace eider::query {

// A copy that can be run.
GraphqlRequest CopyOf(const GraphqlRequest& request);

// Asks the same request again and again, or once.
class RepeatedRequest final : public Subscription {
 public:
  struct Options {
    std::optional<std::chrono::milliseconds> interval = {};  // Nothing = it runs once.
    std::int64_t runs = 0;                                   // With an interval; 0 = without end.
    std::optional<AnswerShape> rows = {};                    // How answers are cut; nothing = each is one message.
  };
  RepeatedRequest(GraphqlRequest request, Options options);

  std::optional<std::chrono::milliseconds> interval() const override { return options_.interval; }
  bool is_over() const override { return runs_left_ == 0; }
  std::optional<GraphqlRequest> Begin() override;
  Status Take(std::string_view bytes, const Emit& emit) override;
  void End(const Emit& emit) override;

 private:
  const GraphqlRequest request_;
  const Options options_;
  std::optional<std::int64_t> runs_left_;  // Nothing = without end.
  std::optional<RowSplitter> splitter_;    // Of the run, when answers are cut.
  std::string body_;                       // Of the run, when they are not.
};

}  // namespace eider::query
