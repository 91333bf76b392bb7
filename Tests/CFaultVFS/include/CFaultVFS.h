// A SQLite VFS, for tests only: the machine's own, with everything that changes a file told to an observer, and
// without real syncs: whether bytes are on the disk is the observer's to say.
#ifndef C_FAULT_VFS_H
#define C_FAULT_VFS_H

#include <stdint.h>

enum {
  FAULT_WRITE = 1,
  FAULT_TRUNCATE = 2,
  FAULT_SYNC = 3,
  // `count` is 1 when the directory is to be synced afterwards.
  FAULT_DELETE = 4,
  FAULT_CREATE = 5,
};

// Called before each change. Zero lets it happen; anything else is returned to SQLite as the result.
typedef int (*fault_observer)(int kind, const char *path, int64_t offset, const void *bytes, int64_t count);

// The name under which the VFS is registered.
extern const char *const fault_vfs_name;

// Registers the VFS; once in a process. Returns SQLite's result.
int fault_vfs_register(fault_observer observer);

#endif
