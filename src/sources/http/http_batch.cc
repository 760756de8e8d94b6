#include "sources/http/http_batch.h"

#include <map>
#include <tuple>

#include "base/json.h"
#include "sources/http/json_text.h"

namespace eider::sources {
namespace {

// What items share that may go together.
auto KeyOf(const HttpBatchItem& item) {
  const HttpCall& call = item.call;
  return std::tie(call.path, call.method, call.headers, call.parameters, call.jq, item.most);
}

struct ByCall {
  bool operator()(const HttpBatchItem* a, const HttpBatchItem* b) const { return KeyOf(*a) < KeyOf(*b); }
};

// The items of one request, by their places.
using Places = std::vector<std::size_t>;

std::vector<Places> Gather(const std::vector<HttpBatchItem>& items) {
  std::map<const HttpBatchItem*, std::size_t, ByCall> last;  // The batch of the same call that has room.
  std::vector<Places> batches;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto [known, is_new] = last.try_emplace(&items[i], batches.size());
    if (is_new || batches[known->second].size() >= items[i].most) {
      known->second = batches.size();
      batches.emplace_back();
    }
    batches[known->second].push_back(i);
  }
  return batches;
}

Result<HttpCall> CallOf(const Places& places, const std::vector<HttpBatchItem>& items) {
  HttpCall call = items[places.front()].call;
  std::string body = "[";
  for (const std::size_t i : places) {
    if (!CheckJson(items[i].item)) {
      return Error(ErrorCode::kBadInput, "the item of a batch must be JSON; to_json(…) makes it of a text");
    }
    body.append(body.size() > 1 ? "," : "").append(items[i].item);
  }
  call.body = body + "]";
  return call;
}

std::string_view Trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t\r\n") + 1 - start);
}

}  // namespace

std::optional<std::vector<std::string_view>> SplitJsonList(std::string_view json) {
  json = Trimmed(json);
  if (!json.starts_with('[')) return std::nullopt;
  json = json.substr(1, json.size() - 2);
  std::vector<std::string_view> items;
  int depth = 0;
  bool in_text = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
      continue;
    }
    if (c == '"') in_text = true;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (c != ',' || depth > 0) continue;
    items.push_back(Trimmed(json.substr(start, i - start)));
    start = i + 1;
  }
  if (const std::string_view last = Trimmed(json.substr(start)); !last.empty()) items.push_back(last);
  return items;
}

Result<std::vector<std::optional<std::string>>> CallInBatches(HttpService& service,
                                                              const std::vector<HttpBatchItem>& items,
                                                              const engine::Limits& limits) {
  const std::vector<Places> batches = Gather(items);
  std::vector<HttpCall> calls;
  for (const Places& places : batches) {
    EIDER_ASSIGN_OR_RETURN(HttpCall call, CallOf(places, items));
    calls.push_back(std::move(call));
  }
  EIDER_ASSIGN_OR_RETURN(const auto answers, service.Call(calls, limits));
  std::vector<std::optional<std::string>> values(items.size());
  for (std::size_t k = 0; k < batches.size(); ++k) {
    const auto list = answers[k] ? SplitJsonList(*answers[k]) : std::nullopt;
    if (!list || list->size() != batches[k].size()) {
      return Error(ErrorCode::kBadInput, ErrorSource::kDependency,
                   "the answer to a batch of " + std::to_string(batches[k].size()) +
                       " items must be a list of as many" +
                       (list ? ", not of " + std::to_string(list->size()) : std::string()));
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
      if ((*list)[i] != "null") values[batches[k][i]] = std::string((*list)[i]);
    }
  }
  return values;
}

}  // namespace eider::sources
