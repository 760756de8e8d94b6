#pragma once

#include <rapidjson/document.h>

#include <atomic>
#include <string>

#include "cache/result_cache.h"
#include "config/config.h"
#include "observe/log.h"
#include "query/function_registry.h"
#include "sources/object_storages.h"
#include "sources/source_registry.h"

namespace eider::server {

class LoneSources;
using LoneSlot = std::atomic<LoneSources*>;

// What `core.info` and `core.version` tell.
struct NodeFacts {
  std::string version;
  std::string build_date;
  config::Config config;
  observe::Log* log = nullptr;          // For describe_data_source_schema(log: true); null = nowhere.
  cache::ResultCache* cache = nullptr;  // Told of sources that change; null = nothing is kept.
  const LoneSlot* lone = nullptr;       // Who remembers what is loaded; null, also later, = nobody does.
};

// A storage as the arguments of the mutations that register one describe it.
sources::ObjectStorage StorageOf(const rapidjson::Value& arguments);

// Registers those of the module `core.storage`. `storages` outlives the functions.
void RegisterStorageFunctions(query::FunctionRegistry& functions, sources::ObjectStorages& storages);

// Registers the built-in functions of the module `core`. `sources` outlives the functions.
void RegisterCoreFunctions(query::FunctionRegistry& functions, sources::SourceRegistry& sources,
                           const NodeFacts& facts);

}  // namespace eider::server
