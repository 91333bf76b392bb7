// Hands messages to the receiver over HTTP for the forwarders of engines that have none of their own. A batch is sent
// pipelined over one kept connection and is over when every answer has come: cheaper than what the hub does, which has
// one request on a connection at a time.
#ifndef BENCHMARK_POST_H
#define BENCHMARK_POST_H

#include "../tools/common.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
  int fd;
  char *out;
  size_t count, room;
  int waiting;
} post;

static inline post post_open(int port) {
  post p = {.fd = socket(AF_INET, SOCK_STREAM, 0), .room = 1 << 20, .out = malloc(1 << 20)};
  struct sockaddr_in address = {
    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int one = 1;
  if (connect(p.fd, (struct sockaddr *)&address, sizeof address)) die("receiver");
  setsockopt(p.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return p;
}

static inline void post_add(post *p, const char *id, const char *body, size_t size) {
  if (p->count + size + 512 > p->room) p->out = realloc(p->out, p->room = 2 * p->room + size + 512);
  p->count += (size_t)sprintf(
    p->out + p->count,
    "POST /deliver HTTP/1.1\r\nHost: receiver\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
    "ce-id: %s\r\n\r\n", size, id);
  memcpy(p->out + p->count, body, size);
  p->count += size;
  p->waiting++;
}

/// Sends the batch and waits for its answers.
static inline void post_all(post *p) {
  for (size_t sent = 0; sent < p->count;) {
    ssize_t n = write(p->fd, p->out + sent, p->count - sent);
    if (n <= 0) die("receiver: write");
    sent += (size_t)n;
  }
  p->count = 0;
  char in[65536];
  size_t have = 0;
  while (p->waiting > 0) {
    ssize_t n = read(p->fd, in + have, sizeof in - 1 - have);
    if (n <= 0) die("receiver: read");
    have += (size_t)n;
    in[have] = 0;
    char *at = in;
    for (char *end; (end = strstr(at, "\r\n\r\n")); at = end + 4) {
      if (strncmp(at, "HTTP/1.1 204", 12)) {
        fprintf(stderr, "receiver answered %.30s\n", at);
        exit(1);
      }
      p->waiting--;
    }
    have -= (size_t)(at - in);
    memmove(in, at, have);
  }
}

#endif
