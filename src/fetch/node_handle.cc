#include "fetch/node_handle.h"

#include "tls/peer_certificate.h"

namespace eider::fetch {
namespace {

void SetBlob(CURL* handle, CURLoption option, const std::string& pem) {
  // libcurl keeps the bytes, it does not change them.
  curl_blob blob{const_cast<char*>(pem.data()), pem.size(), CURL_BLOB_COPY};
  curl_easy_setopt(handle, option, &blob);
}

}  // namespace

void NodeHandle::Set(CURL* handle, const NodeTls& node) {
  constexpr long kHostMatches = 2;
  const auto credentials = node.certificates->Current();
  SetBlob(handle, CURLOPT_CAINFO_BLOB, credentials->pems().ca);
  SetBlob(handle, CURLOPT_SSLCERT_BLOB, credentials->pems().certificate);
  SetBlob(handle, CURLOPT_SSLKEY_BLOB, credentials->pems().key);
  // Nobody but the cluster's CA.
  curl_easy_setopt(handle, CURLOPT_CAINFO, nullptr);
  curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  // Else Refusal() compares the name.
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, node.name.empty() ? kHostMatches : 0L);
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "https");
  detail_[0] = 0;
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, detail_);
}

std::string NodeHandle::Refusal(CURL* handle, const NodeTls& node) {
  if (node.certificates == nullptr || node.name.empty()) return {};
  const curl_tlssessioninfo* session = nullptr;
  curl_easy_getinfo(handle, CURLINFO_TLS_SSL_PTR, &session);
  if (session == nullptr || session->backend != CURLSSLBACKEND_OPENSSL || session->internals == nullptr) {
    return "the certificate of the node cannot be looked at";
  }
  const auto peer = tls::PeerCertificate::Of(static_cast<const SSL*>(session->internals));
  if (peer.Proves(node.name)) return {};
  if (!peer.problem.empty()) return peer.problem;
  return "the certificate there does not name the node \"" + node.name +
         "\": another node has this address, or its certificate lacks subjectAltName=DNS:" + node.name;
}

std::string NodeHandle::Reason(CURLcode code) const {
  const bool is_tls = code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION ||
                      code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE;
  if (!is_tls) return {};
  return std::string("no TLS between the nodes: ") + (detail_[0] != 0 ? detail_ : curl_easy_strerror(code)) +
         "; all of them need CLUSTER_TLS_CA, CLUSTER_TLS_CERT and CLUSTER_TLS_KEY, with certificates of the same CA";
}

}  // namespace eider::fetch
