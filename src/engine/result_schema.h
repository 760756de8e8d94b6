#pragma once

#include <duckdb.h>

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "columnar/batch.h"

namespace eider::engine {

// The Arrow schema of a statement's results, made once and reused while the columns stay the same, so that callers may
// cache by its address. Not thread-safe.
class ResultSchema {
 public:
  // The schema of `result`, whose columns are converted with `options`. `settings_version` changes whenever session
  // settings may have changed what `options` produce.
  Result<std::shared_ptr<const columnar::BatchSchema>> Get(duckdb_result* result, duckdb_arrow_options options,
                                                           std::uint64_t settings_version);

 private:
  std::uint64_t fingerprint_ = 0;
  std::shared_ptr<const columnar::BatchSchema> schema_;
};

}  // namespace eider::engine
