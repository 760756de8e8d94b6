#pragma once

#include <rapidjson/document.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "query/service.h"

namespace eider::query {

// A member of a function's result that is no field: what each node did, shown under `extensions` to who asks for times.
inline constexpr std::string_view kNodesOfFunction = "@nodes";

// Answers one built-in function: takes its arguments as a JSON object and gives the JSON text of its result.
using FunctionHandler = std::function<Result<std::string>(const rapidjson::Value& arguments, const RequestContext&)>;

// The built-in functions by full path ("core.load_data_source"). Filled by the composition root before the first
// request, read-only afterwards.
class FunctionRegistry {
 public:
  void Register(std::string name, FunctionHandler handler) { handlers_[std::move(name)] = std::move(handler); }
  // The same for one that waits for other servers, which is no work for the slots of look-ups.
  void RegisterWaiting(const std::string& name, FunctionHandler handler) {
    Register(name, std::move(handler));
    waiting_.insert(name);
  }
  const FunctionHandler* Find(std::string_view name) const {
    const auto it = handlers_.find(name);
    return it == handlers_.end() ? nullptr : &it->second;
  }

  bool Waits(std::string_view name) const { return waiting_.contains(name); }

 private:
  std::map<std::string, FunctionHandler, std::less<>> handlers_;
  std::set<std::string, std::less<>> waiting_;
};

}  // namespace eider::query
