// Any bytes as an answer to cut into rows: whole and in small pieces alike, and what comes of valid JSON is valid JSON.
#include <rapidjson/document.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "query/row_splitter.h"

namespace {

using namespace eider::query;

AnswerShape Shape() {
  const AnswerShape inner{ShapeKind::kModule, {{"r", {ShapeKind::kRows}}, {"v", {ShapeKind::kValue}}}};
  return {ShapeKind::kModule, {{"m", inner}, {"r", {ShapeKind::kRows}}}};
}

std::vector<std::string> Split(std::string_view body, std::size_t piece) {
  std::vector<std::string> messages;
  const Subscription::Emit emit = [&](std::string message) { messages.push_back(std::move(message)); };
  RowSplitter splitter(Shape(), 1 << 20);
  while (!body.empty() && splitter.Take(body.substr(0, piece), emit)) {
    body.remove_prefix(std::min(piece, body.size()));
  }
  splitter.End(emit);
  return messages;
}

bool IsJson(const std::string& text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  return !document.HasParseError();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto whole = Split(text, text.size() + 1);
  if (Split(text, 1) != whole || Split(text, 5) != whole) std::abort();
  if (!IsJson(text)) return 0;
  if (!std::all_of(whole.begin(), whole.end(), IsJson)) std::abort();
  return 0;
}
