#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/http/http_service.h"

namespace eider::sources {

// One value that is asked for together with others: the call that they share, and its item of their list.
struct HttpBatchItem {
  HttpCall call;         // Without body.
  std::string item;      // JSON.
  std::size_t most = 0;  // Items of one request.
};

// Asks for all `items`, those of one call together: the body is the list of their items, the answer a list of as many
// values in the same order. Blocks within `limits`. Errors as of HttpService::Call, and kBadInput for a list of another
// length and an item that is no JSON.
Result<std::vector<std::optional<std::string>>> CallInBatches(HttpService& service,
                                                              const std::vector<HttpBatchItem>& items,
                                                              const engine::Limits& limits);

// The items of a list as they are written; nothing when `json`, which is valid, is no list.
std::optional<std::vector<std::string_view>> SplitJsonList(std::string_view json);

}  // namespace eider::sources
