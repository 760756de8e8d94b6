#include "tls/peer_certificate.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

namespace eider::tls {
namespace {

// Those DNS names of the subject's alternative names that may be names of nodes.
std::vector<std::string> NamesOf(const X509* certificate) {
  std::vector<std::string> names;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  for (int i = 0; all != nullptr && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* one = sk_GENERAL_NAME_value(all.get(), i);
    if (one->type != GEN_DNS) continue;
    const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(one->d.dNSName));
    names.emplace_back(text, static_cast<std::size_t>(ASN1_STRING_length(one->d.dNSName)));
  }
  return names;
}

}  // namespace

PeerCertificate PeerCertificate::Of(const SSL* session) {
  PeerCertificate peer;
  const X509* certificate = SSL_get0_peer_certificate(session);
  const long outcome = SSL_get_verify_result(session);
  if (certificate == nullptr) {
    peer.problem = "it shows no certificate";
  } else if (outcome != X509_V_OK) {
    peer.problem = std::string("its certificate is refused: ") + X509_verify_cert_error_string(outcome);
  } else {
    peer.names = NamesOf(certificate);
  }
  return peer;
}

bool PeerCertificate::Proves(std::string_view name) const {
  return problem.empty() && std::ranges::find(names, name) != names.end();
}

bool HasName(const X509* certificate, std::string_view name) {
  const auto names = NamesOf(certificate);
  return std::ranges::find(names, name) != names.end();
}

}  // namespace eider::tls
