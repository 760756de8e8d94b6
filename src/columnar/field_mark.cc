#include "columnar/field_mark.h"

#include <cstdint>
#include <cstring>
#include <string>

namespace eider::columnar {
namespace {

constexpr std::string_view kExtensionKey = "ARROW:extension:name";

// Reads the lengths and texts of encoded metadata, in the machine's own byte order.
class MetadataReader {
 public:
  explicit MetadataReader(const char* at) : at_(at) {}

  std::int32_t Number() {
    std::int32_t value = 0;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }

  std::string_view Text() {
    const auto size = static_cast<std::size_t>(Number());
    const std::string_view text(at_, size);
    at_ += size;
    return text;
  }

 private:
  const char* at_;
};

void AppendNumber(std::size_t value, std::string& out) {
  const auto number = static_cast<std::int32_t>(value);
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void AppendText(std::string_view text, std::string& out) {
  AppendNumber(text.size(), out);
  out.append(text);
}

}  // namespace

std::string_view ExtensionName(const ArrowSchema& schema) {
  if (schema.metadata == nullptr) return {};
  MetadataReader reader(schema.metadata);
  for (std::int32_t left = reader.Number(); left > 0; --left) {
    const std::string_view key = reader.Text();
    const std::string_view value = reader.Text();
    if (key == kExtensionKey) return value;
  }
  return {};
}

const char* NumberTextMetadata() {
  static const std::string metadata = [] {
    std::string text;
    AppendNumber(1, text);
    AppendText(kExtensionKey, text);
    AppendText(kNumberText, text);
    return text;
  }();
  return metadata.data();
}

}  // namespace eider::columnar
