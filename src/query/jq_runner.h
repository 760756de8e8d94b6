#pragma once

#include <rapidjson/document.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "columnar/json_encoder.h"
#include "jq/program.h"
#include "query/lru_cache.h"
#include "query/service.h"

namespace eider::query {

// What a program sees as $name: names with JSON texts.
struct JqVariables {
  std::vector<std::string> names;
  std::vector<std::string> values;

  // Adds a variable unless the name is taken, or can be no variable's.
  void Add(std::string_view name, std::string value);
  // Adds the members of an object.
  void AddMembers(const rapidjson::Value& object);
};

// Compiles and runs jq programs for requests: knows their identity, their zone and their limits, and lets programs make
// further requests. Owned by the query service, thread-safe.
class JqRunner {
 public:
  using FindZone = std::function<std::shared_ptr<const columnar::TimeZone>(const std::string& name)>;
  JqRunner(QueryService& service, FindZone zone);

  // Fails with kBadInput and the program's problem.
  Result<std::shared_ptr<const jq::Program>> Compile(const std::string& text, const std::vector<std::string>& names);

  // Runs on the JSON text `input` and returns the outputs as one JSON text; blocks. Requests that the program makes
  // cannot change anything when `no_mutation`.
  Result<std::string> Run(const jq::Program& program, std::string_view input, const std::vector<std::string>& values,
                          const RequestContext& context, bool no_mutation);

 private:
  Result<std::string> Query(const std::string& text, const std::string& variables, const RequestContext& context,
                            bool no_mutation);

  QueryService& service_;
  const FindZone zone_;
  LruCache<const jq::Program> programs_;
};

// JSON text of a value.
std::string ToJsonText(const rapidjson::Value& value);

// A sink that keeps the whole body, up to a limit, beyond which it fails with kResultTooLarge.
class TextSink final : public ResponseSink {
 public:
  Status Write(std::string_view bytes) override;
  std::string& text() { return text_; }

 private:
  static constexpr std::size_t kMax = std::size_t{256} << 20;
  std::string text_;
};

// Runs a request to its end and returns its body. `stats` is filled.
Result<std::string> RunToText(Execution& execution, ExecutionStats* stats);

}  // namespace eider::query
