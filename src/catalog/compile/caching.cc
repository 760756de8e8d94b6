#include <fmt/format.h>

#include "catalog/compile/compilation.h"

namespace eider::catalog {

Status ReadCaching(const DeclaredDirectives& directives, Caching* caching) {
  if (Find(directives, "no_cache") != nullptr) caching->never = true;
  const DeclaredDirective* cache = Find(directives, "cache");
  if (cache == nullptr) return {};
  cache::Rule& rule = caching->rule.emplace();
  if (const graphql::Value* ttl = cache->node->FindArgument("ttl"); ttl != nullptr && !ttl->IsNull()) {
    rule.ttl = cache::ParseTtl(ttl->text);
    if (!rule.ttl) {
      return Problem(cache->ArgumentSite("ttl"), "VALIDATE/Directives",
                     fmt::format("no time to live: \"{}\"; give seconds, 10m, PT10M or 10 minutes", ttl->text));
    }
  }
  if (const std::string_view key = cache->Text("key"); !key.empty()) rule.key = key;
  for (const std::string_view tag : cache->Texts("tags")) rule.tags.emplace_back(tag);
  return {};
}

}  // namespace eider::catalog
