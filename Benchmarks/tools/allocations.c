// Counts what a program allocates: LD_PRELOAD=allocations.so BENCHMARK_ALLOCATIONS=<file> <program>
// The file holds two numbers of 64 bits, calls and bytes, kept up to date while the program runs. Each thread counts for
// itself and adds up every 64 calls, so that the counting itself does not make threads wait for each other.

#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic uint64_t unshared[2];
static _Atomic uint64_t *shared = unshared;
// Memory of a thread that is there before the thread allocates anything.
#define EARLY __attribute__((tls_model("initial-exec")))
static __thread uint64_t calls EARLY, bytes EARLY;

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static void note(size_t size) {
  bytes += size;
  if (++calls < 64) return;
  atomic_fetch_add_explicit(&shared[0], calls, memory_order_relaxed);
  atomic_fetch_add_explicit(&shared[1], bytes, memory_order_relaxed);
  calls = bytes = 0;
}

void *malloc(size_t size) {
  note(size);
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  note(count * size);
  return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
  note(size);
  return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  note(size);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **place, size_t alignment, size_t size) {
  note(size);
  *place = __libc_memalign(alignment, size);
  return *place ? 0 : 12;
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("BENCHMARK_ALLOCATIONS");
  int file = path ? open(path, O_RDWR | O_CREAT, 0600) : -1;
  if (file < 0 || ftruncate(file, 16)) return;
  void *memory = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory != MAP_FAILED) shared = memory;
  close(file);
}
