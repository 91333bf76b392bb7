// What the load generator, the receiver and the peers' clients share: the clock, a histogram, small text tools.
// Everything is one thread per process and epoll, so that the tools take as little as possible of the two cores.
#ifndef BENCHMARK_COMMON_H
#define BENCHMARK_COMMON_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/// Nanoseconds on the machine's monotonic clock, the same for every process.
static inline int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

__attribute__((noreturn)) static inline void die(const char *what) {
  perror(what);
  exit(1);
}

/// Latencies in nanoseconds, 64 steps for each power of two: within 1.6 % of the true value.
enum { HISTOGRAM_STEPS = 64, HISTOGRAM_SIZE = 64 * HISTOGRAM_STEPS };

typedef struct {
  uint64_t count, cells[HISTOGRAM_SIZE];
  int64_t max;
} histogram;

static inline void histogram_add(histogram *h, int64_t ns) {
  if (ns < 1) ns = 1;
  if (ns > h->max) h->max = ns;
  int top = 63 - __builtin_clzll((uint64_t)ns);
  int step = top < 6 ? 0 : (int)((uint64_t)ns >> (top - 6)) & (HISTOGRAM_STEPS - 1);
  h->cells[top * HISTOGRAM_STEPS + step]++;
  h->count++;
}

/// The value below which the share lies (0.99: p99), in microseconds.
static inline double histogram_at(const histogram *h, double share) {
  if (h->count == 0) return 0;
  uint64_t wanted = (uint64_t)(share * (double)h->count), seen = 0;
  if (wanted >= h->count) return (double)h->max / 1000;
  for (int i = 0; i < HISTOGRAM_SIZE; i++) {
    seen += h->cells[i];
    if (seen > wanted) {
      int top = i / HISTOGRAM_STEPS, step = i % HISTOGRAM_STEPS;
      double low = (double)(1ull << top);
      return low * (1 + (top < 6 ? 0 : (step + 0.5) / HISTOGRAM_STEPS)) / 1000;
    }
  }
  return (double)h->max / 1000;
}

static inline void histogram_print(const histogram *h, FILE *out) {
  fprintf(
    out, "{\"count\":%llu,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f}",
    (unsigned long long)h->count, histogram_at(h, .5), histogram_at(h, .9), histogram_at(h, .99),
    histogram_at(h, .999), (double)h->max / 1000);
}

/// What came to a receiver. A message is told apart by its id, `<run>-<number>-<nanoseconds when it was due>`.
enum { NUMBER_MAX = 1 << 27 };

typedef struct {
  uint64_t count, distinct;
  int64_t first_ns, last_ns;
  histogram latency;
  uint8_t *seen;
} tally;

static inline void tally_reset(tally *t) {
  if (t->seen) free(t->seen);
  memset(t, 0, sizeof *t);
  t->seen = calloc(1, NUMBER_MAX / 8);
  if (!t->seen) die("tally");
}

/// Counts one message; `id` ends before `stop`, and may be NULL.
static inline void tally_add(tally *t, const char *id, const char *stop) {
  int64_t now = now_ns();
  if (t->count++ == 0) t->first_ns = now;
  t->last_ns = now;
  if (!id || !stop) return;
  const char *due_at = stop;
  while (due_at > id && due_at[-1] != '-') due_at--;
  if (due_at == id) return;
  const char *number = due_at - 1;
  while (number > id && number[-1] != '-') number--;
  uint64_t n = strtoull(number, NULL, 10);
  int64_t due = strtoll(due_at, NULL, 10);
  if (n >= NUMBER_MAX || t->seen[n >> 3] & (1 << (n & 7))) return;
  t->seen[n >> 3] |= (uint8_t)(1 << (n & 7));
  t->distinct++;
  if (due > 0 && due <= now) histogram_add(&t->latency, now - due);
}

static inline void tally_print(const tally *t, FILE *out) {
  fprintf(
    out, "{\"count\":%llu,\"distinct\":%llu,\"firstNs\":%lld,\"lastNs\":%lld,\"latency\":",
    (unsigned long long)t->count, (unsigned long long)t->distinct, (long long)t->first_ns, (long long)t->last_ns);
  histogram_print(&t->latency, out);
  fprintf(out, "}\n");
}

/// A whole file; exits when it cannot be read.
static inline char *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file) die(path);
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  char *bytes = malloc(*size + 1);
  if (!bytes || fread(bytes, 1, *size, file) != *size) die(path);
  bytes[*size] = 0;
  fclose(file);
  return bytes;
}

/// Finds a header field in a head that ends at `end`; returns its value, or NULL. `name` is lower case with the colon.
static inline const char *header(const char *head, const char *end, const char *name) {
  size_t length = strlen(name);
  for (const char *line = head; line + length < end;) {
    if (strncasecmp(line, name, length) == 0) {
      line += length;
      while (line < end && *line == ' ') line++;
      return line;
    }
    const char *next = memchr(line, '\n', (size_t)(end - line));
    if (!next) return NULL;
    line = next + 1;
  }
  return NULL;
}

#endif
