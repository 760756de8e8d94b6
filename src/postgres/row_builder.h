#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "columnar/batch.h"
#include "postgres/column_builder.h"

namespace eider::postgres {

struct ResultColumn {
  std::string name;
  TypeId type = 0;
};

// Makes Arrow batches of a statement's rows. Belongs to the prepared statement, so that what its columns are made of is
// learned once and the schema stays one object. Not thread-safe.
class RowBuilder {
 public:
  // Fails with kBadInput when values of a column cannot be read. `types` outlives it.
  static Result<std::unique_ptr<RowBuilder>> Make(const std::vector<ResultColumn>& columns, const TypeCatalog& types);

  // Appends the value of the next row's `column`; nothing for NULL. Each row gives every column once, then EndRow().
  Status Append(std::size_t column, std::optional<std::string_view> value);
  void EndRow() { ++rows_; }

  // Whether a batch has rows enough, or bytes.
  bool is_full() const { return rows_ >= kMaxRows || bytes_ >= kMaxBytes; }
  bool is_empty() const { return rows_ == 0; }
  std::size_t column_count() const { return columns_.size(); }

  // The rows since the last batch.
  columnar::Batch Finish();

  // The schema of the next batch as far as it is known.
  std::shared_ptr<const columnar::BatchSchema> schema();

  // Drops rows that were appended since the last batch.
  void Reset();

 private:
  RowBuilder(std::vector<ResultColumn> columns, const TypeCatalog& types);

  static constexpr std::int64_t kMaxRows = 2048;
  static constexpr std::size_t kMaxBytes = 1 << 20;

  const std::vector<ResultColumn> columns_;
  BuilderContext context_;
  std::vector<std::unique_ptr<ColumnBuilder>> builders_;
  std::shared_ptr<const columnar::BatchSchema> schema_;
  std::int64_t rows_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace eider::postgres
