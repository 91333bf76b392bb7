// The receiver of all benchmarks: an HTTP/1.1 server that takes messages, counts them, and costs as little as it can.
//
//   sink <port>
//
//   POST /deliver   204. Counts the message.
//   POST /answer    200 with 1 KB JSON. Counts it too. GET does the same.
//   POST /mirror    200 with the body that came (needs Content-Length).
//   GET  /stats     {"count", "distinct", "firstNs", "lastNs", "latency": {p50 … in microseconds}}
//   POST /reset     forgets the counts
//
// A message is told apart by `ce-id: <run>-<number>-<nanoseconds>`, as `load` makes it: `number` gives the distinct
// ones, the time gives how long it took from being due at the sender until it came here. Requests may be pipelined.

#include "common.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IN_SIZE = 256 << 10, OUT_SIZE = 512 << 10, LARGE = 200 << 10 };

typedef struct {
  int fd, waits;
  size_t skip;
  char id[64];
  size_t in_count, out_from, out_count;
  char in[IN_SIZE], out[OUT_SIZE];
} connection;

static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n", nothing[] = "HTTP/1.1 204 No Content\r\n\r\n";

static int poll;
static tally taken;
static char answer[2048];
static size_t answer_size;

/// Messages say who they are in `ce-id`, or, where a peer sets no header fields, as the body's first word.
static void note(const char *head, const char *end, const char *body, size_t size) {
  const char *id = header(head, end, "ce-id:");
  if (id) return tally_add(&taken, id, memchr(id, '\r', (size_t)(end - id)));
  tally_add(&taken, body, size ? memchr(body, ' ', size > 64 ? 64 : size) : NULL);
}

static void put(connection *c, const char *bytes, size_t size) {
  if (c->out_count + size > OUT_SIZE) {
    fprintf(stderr, "sink: answers pile up\n");
    exit(1);
  }
  memcpy(c->out + c->out_count, bytes, size);
  c->out_count += size;
}

static void put_stats(connection *c) {
  char body[1024], head[256];
  FILE *text = fmemopen(body, sizeof body, "w");
  tally_print(&taken, text);
  long size = ftell(text);
  fclose(text);
  int length = snprintf(
    head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %ld\r\n\r\n", size);
  put(c, head, (size_t)length);
  put(c, body, (size_t)size);
}

/// Answers one whole request.
static void respond(connection *c, const char *head, const char *end, const char *body, size_t size) {
  if (strncmp(head, "GET /stats", 10) == 0) return put_stats(c);
  if (strncmp(head, "POST /reset", 11) == 0) {
    tally_reset(&taken);
    return put(c, nothing, sizeof nothing - 1);
  }
  if (strncmp(head, "GET /answer", 11) == 0) {
    note(head, end, body, size);
    return put(c, answer, answer_size);
  }
  if (strncmp(head, "POST ", 5) != 0) return put(c, nothing, sizeof nothing - 1);
  note(head, end, body, size);
  if (strncmp(head + 5, "/answer", 7) == 0) return put(c, answer, answer_size);
  if (strncmp(head + 5, "/mirror", 7) != 0) return put(c, nothing, sizeof nothing - 1);
  const char *type = header(head, end, "content-type:");
  int type_size = type ? (int)strcspn(type, "\r") : 0;
  char text[512];
  int length = snprintf(
    text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Type: %.*s\r\nContent-Length: %zu\r\n\r\n",
    type ? type_size : 16, type ? type : "application/json", size);
  put(c, text, (size_t)length);
  put(c, body, size);
}

/// The size of a body, whole, at `body`; -1 while more has to come. Chunked bodies are counted, not kept.
static ssize_t body_end(const char *head, const char *end, const char *stop, size_t *size) {
  const char *length = header(head, end, "content-length:");
  if (length) {
    *size = strtoull(length, NULL, 10);
    return stop - end >= (ssize_t)*size ? (ssize_t)*size : -1;
  }
  *size = 0;
  if (!header(head, end, "transfer-encoding:")) return 0;
  for (const char *at = end;;) {
    const char *line = memchr(at, '\n', (size_t)(stop - at));
    if (!line) return -1;
    size_t chunk = strtoull(at, NULL, 16);
    at = line + 1 + chunk + 2;
    if (at > stop) return -1;
    if (chunk == 0) return at - end;
  }
}

/// Sends what waits; what the socket does not take now waits for the next time that it can be written.
static void flush_out(connection *c) {
  while (c->out_from < c->out_count) {
    ssize_t n = write(c->fd, c->out + c->out_from, c->out_count - c->out_from);
    if (n <= 0) break;
    c->out_from += (size_t)n;
  }
  int waits = c->out_from < c->out_count;
  if (!waits) c->out_from = c->out_count = 0;
  if (waits != c->waits) {
    uint32_t events = EPOLLIN | (waits ? EPOLLOUT : 0u);
    epoll_ctl(poll, EPOLL_CTL_MOD, c->fd, &(struct epoll_event){.events = events, .data.ptr = c});
    c->waits = waits;
  }
}

/// Begins a delivery whose body is larger than the buffer: it is counted and answered when all of it has passed.
static void begin_large(connection *c, const char *head, const char *end, size_t size) {
  if (strncmp(head, "POST /deliver", 13)) {
    fprintf(stderr, "sink: a body of %zu bytes is too large to be kept\n", size);
    exit(1);
  }
  const char *id = header(head, end, "ce-id:");
  snprintf(c->id, sizeof c->id, "%.*s", id ? (int)strcspn(id, "\r") : 0, id ? id : "");
  c->skip = size;
  if (header(head, end, "expect:")) put(c, go_on, sizeof go_on - 1);
}

/// Lets bytes of a large body pass. Returns how many of `count` belonged to it.
static size_t pass(connection *c, size_t count) {
  size_t taken_now = count < c->skip ? count : c->skip;
  c->skip -= taken_now;
  if (c->skip == 0) {
    tally_add(&taken, c->id, c->id + strlen(c->id));
    put(c, nothing, sizeof nothing - 1);
  }
  return taken_now;
}

/// Reads what came and answers what is whole. Returns 0 when the connection is over.
static int serve(connection *c) {
  ssize_t n = read(c->fd, c->in + c->in_count, IN_SIZE - c->in_count);
  if (n == 0 || (n < 0 && errno != EAGAIN)) return 0;
  if (n > 0) c->in_count += (size_t)n;
  const char *at = c->in, *stop = c->in + c->in_count;
  while (at < stop) {
    if (c->skip) {
      at += pass(c, (size_t)(stop - at));
      continue;
    }
    const char *blank = memmem(at, (size_t)(stop - at), "\r\n\r\n", 4);
    if (!blank) break;
    const char *end = blank + 4;
    size_t size;
    ssize_t length = body_end(at, end, stop, &size);
    if (size > LARGE) {
      begin_large(c, at, end, size);
      at = end;
      continue;
    }
    if (length < 0) {
      const char *expect = header(at, end, "expect:");
      if (expect && end == stop) {
        put(c, go_on, sizeof go_on - 1);
      }
      break;
    }
    respond(c, at, end, end, size);
    at = end + length;
  }
  c->in_count = (size_t)(stop - at);
  if (at != c->in && c->in_count) memmove(c->in, at, c->in_count);
  if (c->in_count == IN_SIZE) {
    fprintf(stderr, "sink: a request is too large\n");
    exit(1);
  }
  flush_out(c);
  return 1;
}

static void make_answer(void) {
  char body[1100] = "{\"status\":\"found\",\"note\":\"";
  size_t size = strlen(body);
  for (; size < 1024 - 2; size++) body[size] = (char)(97 + size % 26);
  memcpy(body + size, "\"}", 2);
  answer_size = (size_t)snprintf(
    answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1024\r\n\r\n%.1024s",
    body);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: sink <port>\n");
    return 64;
  }
  signal(SIGPIPE, SIG_IGN);
  tally_reset(&taken);
  make_answer();
  int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {
    .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) die("sink");
  poll = epoll_create1(0);
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.ptr = NULL});
  for (;;) {
    struct epoll_event events[256];
    int ready = epoll_wait(poll, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      connection *c = events[i].data.ptr;
      if (c) {
        if (events[i].events & EPOLLOUT) flush_out(c);
        if ((events[i].events & ~(uint32_t)EPOLLOUT) && !serve(c)) {
          close(c->fd);
          free(c);
        }
        continue;
      }
      int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
      if (fd < 0) continue;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      connection *new = malloc(sizeof *new);
      new->fd = fd;
      new->waits = 0;
      new->skip = 0;
      new->in_count = new->out_from = new->out_count = 0;
      epoll_ctl(poll, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = new});
    }
  }
}
