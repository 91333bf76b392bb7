import Foundation

/// Spoils every sync of the journal's database from a moment on, in the processes that are started with it.
struct FailingDisk {
  enum Kind: String {
    /// Nothing is synced, and the call fails.
    case fails
    /// The sync is done, and the process is killed before it can do anything with that.
    case kills
  }

  private let library: String
  private let trigger: String
  private let kind: Kind

  var environment: [String: String] {
    ["LD_PRELOAD": library, "TEST_SYNC_TRIGGER": trigger, "TEST_SYNC": kind.rawValue]
  }

  init(in folder: String, _ kind: Kind) async throws {
    self.kind = kind
    (library, trigger) = ("\(folder)/failing-disk.so", "\(folder)/failing-disk.trigger")
    let source = "\(folder)/failing-disk.c"
    try Data(Self.source.utf8).write(to: URL(filePath: source))
    let made = try await City.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], of: "/usr/bin/env")
    guard made.status == 0 else { throw CityError(made.error) }
  }

  /// The moment.
  func begin() throws { try Data().write(to: URL(filePath: trigger)) }

  private static let source = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <errno.h>
    #include <limits.h>
    #include <signal.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <unistd.h>

    static int ends(const char *text, const char *end) {
      size_t length = strlen(text), size = strlen(end);
      return length >= size && strcmp(text + length - size, end) == 0;
    }

    static int is_spoiled(int descriptor) {
      const char *trigger = getenv("TEST_SYNC_TRIGGER");
      if (!trigger || access(trigger, F_OK) != 0) return 0;
      char link[64], path[PATH_MAX];
      snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
      ssize_t length = readlink(link, path, sizeof path - 1);
      if (length < 0) return 0;
      path[length] = 0;
      return ends(path, "/journal.db-wal") || ends(path, "/journal.db");
    }

    static int forward(const char *name, int descriptor) {
      int spoiled = is_spoiled(descriptor);
      if (spoiled && strcmp(getenv("TEST_SYNC"), "fails") == 0) {
        errno = EIO;
        return -1;
      }
      int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
      int result = next(descriptor);
      if (spoiled) kill(getpid(), SIGKILL);
      return result;
    }

    int fsync(int descriptor) { return forward("fsync", descriptor); }
    int fdatasync(int descriptor) { return forward("fdatasync", descriptor); }
    """
}
