#include "query/prepared_plan.h"

namespace eider::query {

Result<std::shared_ptr<const columnar::JsonEncoder>> PreparedPlan::Encoder(
    const std::shared_ptr<const columnar::BatchSchema>& schema, const std::shared_ptr<const columnar::TimeZone>& zone,
    bool batch) {
  {
    MutexLock lock(mutex_);
    for (const Entry& entry : entries_) {
      if (entry.schema == schema && entry.zone == zone && entry.batch == batch) return entry.encoder;
    }
  }
  const columnar::Shape& shape = batch ? plan_->batch_shape : plan_->shape;
  EIDER_ASSIGN_OR_RETURN(auto encoder, columnar::JsonEncoder::Create(shape, *schema, {.zone = zone}));
  std::shared_ptr<const columnar::JsonEncoder> shared = std::move(encoder);
  MutexLock lock(mutex_);
  if (entries_.size() >= kKept) entries_.erase(entries_.begin());
  entries_.push_back({schema, zone, batch, shared});
  return shared;
}

}  // namespace eider::query
