#include <cctz/time_zone.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "columnar/json_encoder.h"

namespace eider::columnar {
namespace {

class CctzZone final : public TimeZone {
 public:
  explicit CctzZone(cctz::time_zone zone) : zone_(std::move(zone)) {}

  int OffsetSeconds(std::int64_t epoch_seconds) const override {
    const cctz::time_point<cctz::seconds> instant{cctz::seconds(epoch_seconds)};
    return zone_.lookup(instant).offset;
  }

 private:
  cctz::time_zone zone_;
};

// The loader opens files by this name, so it must not lead out of the zone folder.
bool IsZoneName(const std::string& name) {
  if (name.empty() || name.front() == '/' || name.find("..") != std::string::npos) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_' ||
           c == '+' || c == '-';
  });
}

}  // namespace

Result<std::shared_ptr<const TimeZone>> LoadTimeZone(const std::string& name) {
  cctz::time_zone zone;
  if (!IsZoneName(name) || !cctz::load_time_zone(name, &zone)) {
    return Error(ErrorCode::kBadInput, "unknown time zone: " + name);
  }
  return std::make_shared<const CctzZone>(std::move(zone));
}

}  // namespace eider::columnar
