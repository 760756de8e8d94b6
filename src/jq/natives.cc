#include "jq/natives.h"

#include <algorithm>

namespace eider::jq {

const Native* FindNative(std::string_view name, int arity) {
  for (const auto table :
       {ValueNatives(), TextNatives(), NumberNatives(), PathNatives(), RegexNatives(), ClockNatives(), TimeNatives()}) {
    const auto found =
        std::ranges::find_if(table, [&](const Native& native) { return native.arity == arity && native.name == name; });
    if (found != table.end()) return &*found;
  }
  return nullptr;
}

}  // namespace eider::jq
