#include "engine/extensions.h"

#include "base/text.h"
#include "engine/duck_session.h"
#include "engine/text_rows.h"

namespace eider::engine {
namespace {

Error MissingExtension(Session& session, const std::string& name) {
  std::string folder;
  if (const auto rows = ReadTextRows(session, "SELECT current_setting('extension_directory') AS folder");
      rows && !rows->empty() && rows->front()[0]) {
    folder = *rows->front()[0];
  }
  return Error(ErrorCode::kSourceUnavailable,
               "the engine's extension \"" + name + "\" is not in " +
                   (folder.empty() ? "the engine's own folder" : "the folder " + folder) +
                   ": get it with ./x setup, and name its folder with the option EXTENSION_DIRECTORY");
}

}  // namespace

Status DuckSession::LoadExtension(std::string_view name) {
  const std::string text(name);
  LoadedExtensions& loaded = connection_->instance().extensions;
  if (loaded.Has(text)) return {};
  const auto done = Run("LOAD " + QuoteIdentifier(text), {});
  if (done) {
    loaded.Add(text);
    return {};
  }
  if (done.error().message.find("not found") != std::string::npos) return MissingExtension(*this, text);
  return Error(ErrorCode::kSourceUnavailable,
               "the engine's extension \"" + text + "\" cannot be used: " + done.error().message);
}

}  // namespace eider::engine
