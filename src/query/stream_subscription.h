#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "query/row_splitter.h"
#include "query/service.h"
#include "query/stream_query.h"
#include "query/stream_registry.h"

namespace eider::query {

// Gives the rows of a table as they are added, by asking the table for them whenever its mark has changed. The first
// run only looks which rows are there, unless the subscriber goes on after a row that it knows. While the table cannot
// be asked there is nothing to tell: it goes on where it was.
class StreamSubscription final : public Subscription {
 public:
  struct Options {
    std::optional<std::int64_t> after;  // The key to go on after; nothing = rows that are added from now on.
    GraphqlRequest run;                 // What all runs have in common.
  };
  // `tail` outlives it.
  StreamSubscription(StreamQueries queries, const StreamTail& tail, Options options);

  std::optional<std::chrono::milliseconds> interval() const override { return std::chrono::milliseconds(250); }
  bool is_over() const override { return false; }
  std::optional<GraphqlRequest> Begin() override;
  Status Take(std::string_view bytes, const Emit& emit) override;
  void End(const Emit& emit) override;

 private:
  enum class Phase { kPresent, kRows };

  // Rows of a table that began anew count from its beginning; keys that are gone may be given again.
  void Follow(const StreamMark& mark);
  std::int64_t From() const { return std::max(floor_, newest_ - StreamQueries::kLate); }
  void TakeMessage(std::string message, const Emit& emit);

  const StreamQueries queries_;
  const StreamTail& tail_;
  const GraphqlRequest run_;
  Phase phase_;
  std::int64_t floor_ = 0;               // Keys up to this one are not asked for.
  std::int64_t newest_ = 0;              // The greatest key that was seen.
  std::set<std::int64_t> seen_;          // Keys above From().
  std::optional<StreamMark> told_;       // Of the last run that succeeded; nothing = of none.
  std::optional<StreamMark> followed_;   // The last that was known.
  std::optional<RowSplitter> splitter_;  // Of the run.
  std::optional<StreamMark> mark_;       // When the run began.
  std::int64_t rows_ = 0;                // Of the run.
  bool failed_ = false;                  // The run.
  bool began_ = false;                   // There was a run.
};

}  // namespace eider::query
