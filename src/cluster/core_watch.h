#pragma once

namespace eider::cluster {

// Looks at a core database again and again, on a thread of its own. Thread-safe; ends when it is destroyed.
class CoreWatch {
 public:
  virtual ~CoreWatch() = default;

  // Looks at everything soon. Any thread.
  virtual void Nudge() = 0;

  // Whether the core database has answered last.
  virtual bool connected() const = 0;
  // False when announcements do not arrive.
  virtual bool can_listen() const = 0;
};

}  // namespace eider::cluster
