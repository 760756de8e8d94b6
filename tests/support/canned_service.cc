#include "tests/support/canned_service.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace eider::testing {
namespace {

constexpr std::string_view kTypename = R"({"data":{"__typename":"Query"}})";

bool Has(const std::string& text, std::string_view word) { return text.find(word) != std::string::npos; }

// The number behind `word`; 0 when it does not occur.
long NumberAfter(const std::string& text, std::string_view word) {
  const std::size_t at = text.find(word);
  long number = 0;
  if (at != std::string::npos) {
    const char* begin = text.data() + at + word.size();
    std::from_chars(begin, text.data() + text.size(), number);
  }
  return number;
}

}  // namespace

class CannedExecution final : public query::Execution {
 public:
  CannedExecution(CannedService& service, query::RequestContext context, query::GraphqlRequest request)
      : service_(service),
        context_(std::move(context)),
        request_(std::move(request)) {
    stats_.is_mutation = Has(request_.query, "mutation");
    if (Has(request_.query, "broken") || !Has(request_.query, "{") || !Has(request_.query, "}")) {
      ReadyError(R"({"errors":[{"message":"Expected Name, found <EOF>","locations":[{"line":1,"column":1}]}]})");
    } else if (Has(request_.query, "unknownField") || Has(request_.query, "{ 8f31403dfe")) {
      ReadyError(R"({"errors":[{"message":"Cannot query field \"unknownField\" on type \"Query\"."}]})");
    } else if (stats_.is_mutation && request_.over_get) {
      ReadyError(R"({"errors":[{"message":"mutations are not allowed over GET"}]})");
    } else if (LacksVariable()) {
      ReadyError(R"({"errors":[{"message":"A required variable was not provided."}]})");
    } else if (Has(request_.query, "ready")) {
      ready_ = kTypename;
    } else if (request_.variables.IsObject() && request_.variables.HasMember("name")) {
      ready_ = R"({"data":{"__type":{"name":"Query"}}})";
    }
  }

  const std::string* ready_body() const override { return ready_.empty() ? nullptr : &ready_; }
  query::WorkClass work_class() const override {
    return Has(request_.query, "scan") ? query::WorkClass::kScan : query::WorkClass::kInteractive;
  }

  Status Run(query::ResponseSink& sink) override {
    ++service_.running_;
    Status status = Answer(sink);
    --service_.running_;
    return status;
  }

  bool StartCoalesced(std::function<void(std::string)> done) override {
    if (!Has(request_.query, "coalesce")) return false;
    std::thread([done = std::move(done)] { done(std::string(kTypename)); }).detach();
    return true;
  }

  const query::ExecutionStats& stats() const override { return stats_; }

 private:
  // Whether a variable that is declared as required is absent or null.
  bool LacksVariable() const {
    const std::string& text = request_.query;
    const std::size_t dollar = text.find('$');
    const std::size_t colon = text.find(':', dollar);
    if (dollar == std::string::npos || text.find("!)", colon) == std::string::npos) return false;
    const std::string name = text.substr(dollar + 1, colon - dollar - 1);
    if (!request_.variables.IsObject()) return true;
    const auto found = request_.variables.FindMember(name.c_str());
    return found == request_.variables.MemberEnd() || found->value.IsNull();
  }

  void ReadyError(std::string body) {
    ready_ = std::move(body);
    stats_.has_errors = true;
    stats_.error_code = "VALIDATION";
  }

  Status Answer(query::ResponseSink& sink) {
    if (Has(request_.query, "stall")) return Stall(sink);
    if (Has(request_.query, "failLate")) {
      EIDER_RETURN_IF_ERROR(WriteRows(sink, 10'000));
      return Error(ErrorCode::kInternal, "failed late");
    }
    if (Has(request_.query, "fail")) return Error(ErrorCode::kInternal, "a secret of the inside");
    const long rows = NumberAfter(request_.query, "rows:");
    if (rows == 0) return sink.Write(kTypename);
    EIDER_RETURN_IF_ERROR(sink.Write(R"({"data":{"rows":[)"));
    EIDER_RETURN_IF_ERROR(WriteRows(sink, rows));
    return sink.Write("]}}");
  }

  Status WriteRows(query::ResponseSink& sink, long rows) {
    std::string row;
    for (long i = 0; i < rows; ++i) {
      row = i == 0 ? "" : ",";
      row.append(R"({"id":)").append(std::to_string(i)).append(R"(,"text":")").append(78, 'x').append("\"}");
      EIDER_RETURN_IF_ERROR(sink.Write(row));
      ++stats_.rows;
    }
    return {};
  }

  Status Stall(query::ResponseSink& sink) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    const bool stopped = wake.wait_until(lock, context_.stop, context_.deadline.at(), [] { return false; }) ||
                         context_.stop.stop_requested();
    if (stopped) {
      ++service_.stopped_;
      return Error(ErrorCode::kCancelled, "query cancelled");
    }
    stats_.has_errors = true;
    stats_.error_code = "TIMEOUT";
    return sink.Write(R"({"errors":[{"message":"query timeout","extensions":{"code":"TIMEOUT"}}]})");
  }

  CannedService& service_;
  const query::RequestContext context_;
  const query::GraphqlRequest request_;
  std::string ready_;
  query::ExecutionStats stats_;
};

class CannedSubscription final : public query::Subscription {
 public:
  explicit CannedSubscription(std::string text)
      : text_(std::move(text)),
        interval_(NumberAfter(text_, "every:")),
        left_(std::max(1L, NumberAfter(text_, "times:"))) {}

  std::optional<std::chrono::milliseconds> interval() const override {
    return interval_ == 0 ? std::nullopt : std::optional(std::chrono::milliseconds(interval_));
  }
  bool is_over() const override { return left_ == 0; }
  std::optional<query::GraphqlRequest> Begin() override {
    --left_;
    body_.clear();
    query::GraphqlRequest request;
    request.query = text_;
    return request;
  }
  Status Take(std::string_view bytes, const Emit& /*emit*/) override {
    body_.append(bytes);
    return {};
  }
  void End(const Emit& emit) override {
    if (!body_.empty()) emit(std::exchange(body_, {}));
  }

 private:
  const std::string text_;
  const long interval_;
  long left_;
  std::string body_;
};

query::Subscribed CannedService::Subscribe(const query::RequestContext& /*context*/, query::GraphqlRequest request,
                                           const query::SubscribeOptions& /*options*/) {
  if (Has(request.query, "broken") || Has(request.query, "unknownField")) {
    return {nullptr, R"([{"message":"Expected Name, found <EOF>"}])"};
  }
  return {std::make_unique<CannedSubscription>(std::move(request.query)), {}};
}

std::unique_ptr<query::Execution> CannedService::Prepare(query::RequestContext context, query::GraphqlRequest request) {
  return std::make_unique<CannedExecution>(*this, std::move(context), std::move(request));
}

}  // namespace eider::testing
