#pragma once

#include <rapidjson/document.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "cluster/core_store.h"
#include "cluster/memory_core_store.h"

// How a node asks the management node for what lies in its MemoryCoreStore: JSON in both directions, inside a signed
// call. Pure functions but for AnswerStoreCall().
namespace eider::cluster {

// The member of a call that says what it is: one statement, a transaction, or the versions.
inline constexpr std::string_view kStoreRead = "read";
inline constexpr std::string_view kStoreChange = "change";
inline constexpr std::string_view kStoreApply = "apply";
inline constexpr std::string_view kStoreVersions = "versions";

std::string StatementCall(std::string_view kind, std::string_view sql, const engine::Parameters& parameters);
std::string ApplyCall(const CoreChange& change);
// `seen` are the highest versions that this node has ever seen, the last of them in `store`; empty = none.
std::string VersionsCall(const CoreVersions& seen, std::string_view store);

// What the management node answers. A part that was not asked for is empty.
struct StoreAnswer {
  StorePosition position;
  std::int64_t now_us = 0;  // The management node's clock, since 1970.
  std::vector<engine::TextRow> rows;
  std::int64_t changed = 0;
  CoreVersions versions;
};

// Does what `call` says and gives the answer, failures included. REQUIRES: it was signed by a node of the cluster.
std::string AnswerStoreCall(MemoryCoreStore& store, const rapidjson::Value& call, const Deadline& deadline);

// Reads such an answer. Fails as the call did on the other node, and with kCoreUnavailable for any other text.
Result<StoreAnswer> ReadStoreAnswer(const rapidjson::Value& answer);

// Announcements in order, the last one of which has `position`.
struct StoreNews {
  StorePosition position;
  std::vector<CoreEvent> events;
};

std::string ToJson(const StoreNews& news);
// Fails with kBadInput for text of another form.
Result<StoreNews> StoreNewsFromJson(const rapidjson::Value& json);

}  // namespace eider::cluster
