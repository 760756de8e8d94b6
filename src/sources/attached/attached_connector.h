#pragma once

#include <string>
#include <vector>

#include "sources/connector.h"

namespace eider::sources {

// What the engine is to attach for one source.
struct AttachPlan {
  std::vector<std::string> extensions;  // Loaded first.
  std::vector<std::string> settings;    // Run once these are loaded: "SET GLOBAL …".
  std::string secret;                   // What a secret is made of, type first; empty = none. Never shown.
  std::string secret_option = "SECRET";
  std::string path;                  // What ATTACH names. Listings of the engine show it: no passwords.
  std::vector<std::string> options;  // "TYPE sqlite", "READ_ONLY".
  std::string shown;                 // What messages call the source.
};

// Sources that one of the engine's extensions attaches as a database of its own.
class AttachedConnector : public Connector {
 public:
  Result<std::string> Fingerprint(const cluster::SourceRecord& source) const override;
  Status Attach(engine::Session& session, const cluster::SourceRecord& source,
                const std::string& catalog) const override;
  Status Replace(engine::Session& session, const cluster::SourceRecord& source,
                 const std::string& catalog) const override;
  Status Refresh(engine::Session&, const cluster::SourceRecord&, const std::string&) const override { return {}; }
  bool always_self_defined() const override { return false; }
  bool always_read_only() const override { return false; }

 protected:
  // Reads the path of `source`. Fails when it cannot be one.
  virtual Result<AttachPlan> PlanAttach(const cluster::SourceRecord& source) const = 0;

 private:
  Status RunAttach(engine::Session& session, std::string_view verb, const cluster::SourceRecord& source,
                   const std::string& catalog) const;
};

// The reason in the engine's words of a failed attachment: without the connection's settings, which it may quote.
std::string AttachReason(std::string_view message);

}  // namespace eider::sources
