#include "sources/http/token_store.h"

#include <algorithm>
#include <stop_token>

#include "base/json.h"
#include "fetch/url.h"

namespace eider::sources {
namespace {

constexpr std::int64_t kUsualSeconds = 300;  // When the server does not tell how long a token lasts.
constexpr std::int64_t kLongestSeconds = 86'400;

Error NoToken(const std::string& why) {
  return Error(ErrorCode::kSourceUnavailable, "the token of the HTTP source cannot be fetched: " + why);
}

void AddField(std::string_view name, std::string_view value, std::string& form) {
  if (value.empty()) return;
  form.append(form.empty() ? "" : "&").append(name).append("=").append(fetch::EncodeUrl(value));
}

// A number, or a text that is one.
std::int64_t SecondsOf(const rapidjson::Value* value) {
  if (value == nullptr) return kUsualSeconds;
  double seconds = kUsualSeconds;
  if (value->IsNumber()) seconds = value->GetDouble();
  if (value->IsString()) seconds = std::strtod(value->GetString(), nullptr);
  return static_cast<std::int64_t>(std::clamp(seconds, 0.0, static_cast<double>(kLongestSeconds)));
}

// Early enough for a request to arrive: 30 seconds, or a fifth of a short life.
Deadline RenewalOf(std::int64_t seconds) {
  const std::int64_t margin = std::min<std::int64_t>(30'000, seconds * 200);
  return Deadline::After(std::chrono::milliseconds(seconds * 1000 - margin));
}

}  // namespace

bool TokenStore::IsUsable(const std::string& rejected) const {
  return !token_.access.empty() && token_.access != rejected && !token_.renew_at.Passed();
}

std::vector<std::string> TokenStore::Secrets() const {
  MutexLock lock(mutex_);
  std::vector<std::string> secrets;
  for (const std::string* text : {&token_.access, &token_.refresh}) {
    if (!text->empty()) secrets.push_back(*text);
  }
  return secrets;
}

Result<std::string> TokenStore::Get(const std::string& rejected, const engine::Limits& limits) {
  const std::stop_callback on_stop(limits.stop, [this] {
    const MutexLock lock(mutex_);
    changed_.notify_all();
  });
  std::string refresh;
  {
    const MutexLock lock(mutex_);
    const auto is_over = [&]() REQUIRES_LOCK(mutex_) { return !fetching_ || limits.stop.stop_requested(); };
    if (limits.deadline.never()) {
      changed_.wait(mutex_, is_over);
    } else if (!changed_.wait_until(mutex_, limits.deadline.at(), is_over)) {
      return Error(ErrorCode::kTimeout, "query timeout");
    }
    if (limits.stop.stop_requested()) return Error(ErrorCode::kCancelled, "query cancelled");
    if (IsUsable(rejected)) return token_.access;
    refresh = token_.refresh;
    fetching_ = true;
  }
  auto token = Fetch(refresh, limits);
  MutexLock lock(mutex_);
  fetching_ = false;
  changed_.notify_all();
  if (!token) {
    token_ = {};
    return std::move(token).error();
  }
  token_ = std::move(*token);
  return token_.access;
}

std::string TokenStore::ClientForm() const {
  std::string form;
  AddField("client_id", security_.client_id, form);
  AddField("client_secret", security_.client_secret, form);
  AddField("scope", security_.scope, form);
  return form;
}

std::string TokenStore::FirstForm() const {
  std::string form = ClientForm();
  AddField("grant_type", security_.is_password_flow ? "password" : "client_credentials", form);
  if (security_.is_password_flow) {
    AddField("username", security_.username, form);
    AddField("password", security_.password, form);
  }
  return form;
}

Result<TokenStore::Token> TokenStore::Fetch(const std::string& refresh, const engine::Limits& limits) const {
  EIDER_ASSIGN_OR_RETURN(const std::string url, fetch::ResolveUrl(base_url_ + "/", security_.token_url));
  if (!refresh.empty()) {
    std::string form = ClientForm();
    AddField("grant_type", "refresh_token", form);
    AddField("refresh_token", refresh, form);
    const std::string& relative = security_.refresh_url.empty() ? security_.token_url : security_.refresh_url;
    EIDER_ASSIGN_OR_RETURN(const std::string refresh_url, fetch::ResolveUrl(base_url_ + "/", relative));
    const jq::Program* transform = security_.refresh_transform.get();
    auto renewed = Ask(refresh_url, form, transform == nullptr ? security_.token_transform.get() : transform, limits);
    if (renewed) {
      if (renewed->refresh.empty()) renewed->refresh = refresh;
      return renewed;
    }
  }
  return Ask(url, FirstForm(), security_.token_transform.get(), limits);
}

Result<TokenStore::Token> TokenStore::Ask(const std::string& url, const std::string& form, const jq::Program* transform,
                                          const engine::Limits& limits) const {
  fetch::Request request;
  request.method = "POST";
  request.url = url;
  request.headers = {"Content-Type: application/x-www-form-urlencoded", "Accept: application/json"};
  request.body = form;
  EIDER_ASSIGN_OR_RETURN(fetch::Response response,
                         client_.Send(peer_, std::move(request), limits.deadline, limits.stop));
  if (response.status != 200) {
    return NoToken(fetch::ShownUrl(url) + " answers with status " + std::to_string(response.status));
  }
  if (transform != nullptr) {
    jq::RunOptions options;
    options.deadline = limits.deadline;
    options.stop = limits.stop;
    auto outputs = transform->Run(response.body, {}, options);
    if (!outputs) return NoToken("the transform of the answer fails: " + outputs.error().message);
    response.body = jq::OneOutput(std::move(*outputs));
  }
  rapidjson::Document answer;
  answer.Parse<rapidjson::kParseIterativeFlag>(response.body.data(), response.body.size());
  Token token;
  if (!answer.HasParseError()) token.access = TextMember(answer, "access_token");
  const bool is_clean = std::ranges::all_of(token.access, [](char c) { return c > 0x20 && c < 0x7F; });
  if (token.access.empty() || !is_clean) {
    return NoToken(fetch::ShownUrl(url) +
                   " answers without an access_token; x-hugr-token-transform may tell where it is");
  }
  token.refresh = TextMember(answer, "refresh_token");
  token.renew_at = RenewalOf(SecondsOf(FindMember(answer, "expires_in")));
  return token;
}

}  // namespace eider::sources
