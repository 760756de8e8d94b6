#include "cluster/link/signed_peer_streams.h"

#include <functional>
#include <optional>
#include <utility>

#include "base/text.h"
#include "fetch/url.h"

namespace eider::cluster {
namespace {

constexpr std::size_t kLargestHeld = std::size_t{64} << 20;
constexpr std::size_t kLargestRefusal = 64 << 10;
constexpr std::string_view kSignature = "x-eider-signature";

// Hands on what the other node has signed.
class SignedReader final : public fetch::AnswerReader {
 public:
  SignedReader(fetch::AnswerReader& to, const LinkKey& key, std::string nonce)
      : to_(to),
        key_(key),
        nonce_(std::move(nonce)) {}

  void OnSending() override { to_.OnSending(); }

  Status OnHead(const fetch::Response& head) override {
    head_ = head;
    if (!head.Header(kSignature).empty()) {
      kind_ = Kind::kHeld;
    } else if (LowerAscii(head.Header("trailer")).find(kSignature) != std::string::npos) {
      kind_ = Kind::kStreamed;
      return to_.OnHead(head_);
    }
    return {};
  }

  Status OnBody(std::string_view bytes) override {
    if (kind_ == Kind::kStreamed) {
      digest_.Add(bytes);
      return to_.OnBody(bytes);
    }
    if (held_.size() + bytes.size() <= (kind_ == Kind::kHeld ? kLargestHeld : kLargestRefusal)) {
      held_.append(bytes);
      return {};
    }
    return Error(ErrorCode::kSourceUnavailable, "the answer is too large to be checked");
  }

  // What the whole exchange has come to. `refusal` tells of an answer that nobody has signed.
  Status End(const fetch::Trailers& trailers, const std::function<Error(int status, const std::string&)>& refusal) {
    if (kind_ == Kind::kUnsigned) return refusal(head_.status, held_);
    std::string_view text = kind_ == Kind::kHeld ? head_.Header(kSignature) : std::string_view();
    for (const auto& [name, value] : trailers) {
      if (kind_ == Kind::kStreamed && name == kSignature) text = value;
    }
    const auto signature = ReadSignature(text);
    const Digest body = kind_ == Kind::kHeld ? Sha256(held_) : digest_.Finish();
    if (!signature || !EqualDigests(SignAnswer(key_, head_.status, body, nonce_), *signature)) {
      return Error(ErrorCode::kSourceUnavailable,
                   "the answer is not signed with this cluster's secret: check CLUSTER_SECRET and the node's URL");
    }
    if (kind_ == Kind::kStreamed) return {};
    EIDER_RETURN_IF_ERROR(to_.OnHead(head_));
    return to_.OnBody(held_);
  }

 private:
  enum class Kind { kUnsigned, kHeld, kStreamed };

  fetch::AnswerReader& to_;
  const LinkKey& key_;
  const std::string nonce_;
  Kind kind_ = Kind::kUnsigned;
  fetch::Response head_;
  std::string held_;
  Sha256Stream digest_;
};

}  // namespace

SignedPeerStreams::SignedPeerStreams(const SignedPeerStreamsOptions& options, observe::Metrics& metrics)
    : signer_(options.name, options.secret, options.now_ms),
      connect_timeout_(options.connect_timeout),
      certificates_(options.certificates),
      metrics_(metrics) {}

Status SignedPeerStreams::Exchange(const PeerAddress& peer, OutgoingCall call, fetch::AnswerReader& reader,
                                   const Deadline& deadline, const StopToken& stop) {
  if (!IsNodeName(peer.name)) return Error(ErrorCode::kBadInput, "not the name of a node: " + peer.name);
  std::string nonce;
  EIDER_ASSIGN_OR_RETURN(const fetch::Request request, signer_.Sign(peer, call, nonce));
  EIDER_ASSIGN_OR_RETURN(fetch::NodeTls tls, NodeTlsOf(certificates_, peer));
  const fetch::StreamOptions stream{connect_timeout_, std::move(tls)};
  SignedReader checked(reader, signer_.key(), std::move(nonce));
  EIDER_ASSIGN_OR_RETURN(const auto trailers, fetch::StreamAnswer(request, stream, checked, deadline, stop));
  const std::string shown = fetch::ShownUrl(request.url);
  return checked.End(trailers, [&](int status, const std::string& body) {
    if (status != 200) return RefusalOf(peer, shown, status, body);
    return Error(ErrorCode::kSourceUnavailable, "node \"" + peer.name + "\" at " + shown + " signs no answer");
  });
}

Status SignedPeerStreams::Forward(const PeerAddress& peer, const ForwardedRequest& request, fetch::AnswerReader& reader,
                                  const Deadline& deadline, const StopToken& stop) {
  const auto started = Deadline::Clock::now();
  observe::Span span(request.trace, "node call", observe::SpanKind::kClient);
  span.Set("eider.operation", "query");
  span.Set("eider.target", peer.name);
  OutgoingCall call{"POST", request.suffix, request.body, Base64(request.on_behalf), "query", {}, span.point()};
  call.headers = request.headers;
  Status done = Exchange(peer, std::move(call), reader, deadline, stop);
  const observe::Labels labels{{"target", peer.name}, {"op", "query"}};
  metrics_.GetHistogram("eider_cluster_rpc_seconds", "Time of calls to other nodes.", labels)
      .Observe(Deadline::Clock::now() - started);
  if (done) return done;
  metrics_.GetCounter("eider_cluster_rpc_errors_total", "Calls to other nodes that failed.", labels).Add();
  span.Set("error.type", ErrorCodeName(done.error().code));
  span.Fail();
  return done;
}

}  // namespace eider::cluster
