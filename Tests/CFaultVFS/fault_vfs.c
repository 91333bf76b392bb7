#include "CFaultVFS.h"

#include <sqlite3.h>
#include <string.h>

const char *const fault_vfs_name = "fault";

static fault_observer observe;
static sqlite3_vfs *base;
static sqlite3_vfs vfs;

typedef struct {
  sqlite3_file head;
  const char *path;
  sqlite3_file *real;
} fault_file;

#define REAL(file) (((fault_file *)(file))->real)
#define CALL(file, method, ...) REAL(file)->pMethods->method(REAL(file), ##__VA_ARGS__)

static int tell(sqlite3_file *file, int kind, int64_t offset, const void *bytes, int64_t count) {
  const char *path = ((fault_file *)file)->path;
  return path ? observe(kind, path, offset, bytes, count) : SQLITE_OK;
}

static int close_file(sqlite3_file *file) { return CALL(file, xClose); }

static int read_file(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  return CALL(file, xRead, bytes, count, offset);
}

static int write_file(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  int result = tell(file, FAULT_WRITE, offset, bytes, count);
  return result ? result : CALL(file, xWrite, bytes, count, offset);
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size) {
  int result = tell(file, FAULT_TRUNCATE, size, 0, 0);
  return result ? result : CALL(file, xTruncate, size);
}

static int sync_file(sqlite3_file *file, int flags) {
  (void)flags;
  return tell(file, FAULT_SYNC, 0, 0, 0);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) { return CALL(file, xFileSize, size); }
static int lock_file(sqlite3_file *file, int level) { return CALL(file, xLock, level); }
static int unlock_file(sqlite3_file *file, int level) { return CALL(file, xUnlock, level); }
static int check_lock(sqlite3_file *file, int *result) { return CALL(file, xCheckReservedLock, result); }
static int control(sqlite3_file *file, int code, void *argument) { return CALL(file, xFileControl, code, argument); }
static int sector_size(sqlite3_file *file) { return CALL(file, xSectorSize); }
static int characteristics(sqlite3_file *file) { return CALL(file, xDeviceCharacteristics); }

static int shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory) {
  return CALL(file, xShmMap, page, size, extend, memory);
}
static int shm_lock(sqlite3_file *file, int offset, int count, int flags) {
  return CALL(file, xShmLock, offset, count, flags);
}
static void shm_barrier(sqlite3_file *file) { CALL(file, xShmBarrier); }
static int shm_unmap(sqlite3_file *file, int remove) { return CALL(file, xShmUnmap, remove); }

// Version 2: shared memory for the write-ahead log, no memory-mapped pages, which nobody could observe.
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_lock,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

static int open_file(sqlite3_vfs *self, const char *path, sqlite3_file *file, int flags, int *out) {
  (void)self;
  fault_file *own = (fault_file *)file;
  own->head.pMethods = 0;
  own->path = path;
  own->real = (sqlite3_file *)(own + 1);
  if (path && (flags & SQLITE_OPEN_CREATE)) {
    int result = observe(FAULT_CREATE, path, 0, 0, 0);
    if (result) return result;
  }
  int result = base->xOpen(base, path, own->real, flags, out);
  if (result == SQLITE_OK) own->head.pMethods = &methods;
  return result;
}

static int delete_file(sqlite3_vfs *self, const char *path, int sync) {
  (void)self;
  int result = observe(FAULT_DELETE, path, 0, 0, sync);
  return result ? result : base->xDelete(base, path, 0);
}

int fault_vfs_register(fault_observer observer) {
  observe = observer;
  base = sqlite3_vfs_find(0);
  if (!base) return SQLITE_ERROR;
  vfs = *base;
  vfs.pNext = 0;
  vfs.zName = fault_vfs_name;
  vfs.szOsFile = (int)sizeof(fault_file) + base->szOsFile;
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  return sqlite3_vfs_register(&vfs, 0);
}
