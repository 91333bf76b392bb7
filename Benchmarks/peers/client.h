// What the loads of the peers share: their options, and the JSON that they print, in the words of tools/load.c.
#ifndef BENCHMARK_CLIENT_H
#define BENCHMARK_CLIENT_H

#include "../tools/common.h"

/// Options by place: <mode> <port> <clients or window> <seconds> <total, 0: by time> <run> <body file>
typedef struct {
  const char *mode, *run;
  int port, clients;
  double seconds;
  uint64_t total;
  char *body;
  size_t size;
  uint64_t sent, done;
  int64_t begin, end, last;
  histogram latency;
} client;

static inline client client_options(int argc, char **argv) {
  client c = {.mode = argc > 1 ? argv[1] : ""};
  if (argc < 3) {
    fprintf(stderr, "usage: %s load <port> <clients> <seconds> <total> <run> <body>\n", argv[0]);
    exit(64);
  }
  c.port = atoi(argv[2]);
  if (argc < 8) return c;
  c.clients = atoi(argv[3]);
  c.seconds = atof(argv[4]);
  c.total = strtoull(argv[5], NULL, 10);
  c.run = argv[6];
  c.body = read_file(argv[7], &c.size);
  return c;
}

static inline void client_begin(client *c) {
  c->begin = c->last = now_ns();
  c->end = c->begin + (int64_t)(c->seconds * 1e9);
}

/// Whether another message is to be sent.
static inline int client_goes_on(const client *c, int64_t now) {
  return c->total ? c->sent < c->total : now < c->end;
}

/// Writes the id of the next message.
static inline void client_id(client *c, char *id, size_t size, int64_t now) {
  snprintf(id, size, "%s-%llu-%lld", c->run, (unsigned long long)c->sent++, (long long)now);
}

/// Notes the engine's acknowledgement of a message that was sent at `due`.
static inline void client_done(client *c, int64_t due) {
  c->last = now_ns();
  c->done++;
  histogram_add(&c->latency, c->last - due);
}

static inline void client_print(const client *c) {
  double seconds = (double)(c->last - c->begin) / 1e9;
  printf("{\"ok\":%llu,\"seconds\":%.6f,\"perSecond\":%.1f,\"latency\":", (unsigned long long)c->done, seconds,
         (double)c->done / seconds);
  histogram_print(&c->latency, stdout);
  printf("}\n");
}

#endif
