// The load generator of all benchmarks: HTTP/1.1 requests with one body over kept connections, an id of its own each.
//
//   load --port P --path /x --body FILE [--host 127.0.0.1] [--connections 64] [--seconds 5 | --total N]
//        [--rate R] [--header 'Name: value']… [--run NAME] [--subjects N] [--method GET]
//
// Without --rate every connection sends as soon as it has its answer (closed loop). With --rate requests are due at
// even distances whatever the answers do (open loop), and latencies count from when a request was due, so that a stall
// is not left out of the figures. Each request carries `ce-id: <run>-<number>-<nanoseconds when due>`.
// Connections that are told to come later (429, 503) pause for 10 ms. Prints one JSON object.

#include "common.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IN_SIZE = 256 << 10, PAUSE_NS = 10000000 };

typedef struct {
  int fd, busy;
  int64_t due, resume;
  size_t in_count, out_from, out_count;
  char *in, *out;
} connection;

static struct {
  const char *host, *path, *run, *method;
  int port, connections, subjects;
  double seconds, rate;
  uint64_t total;
  char head[8192], *body;
  size_t head_size, body_size;
} o = {.host = "127.0.0.1", .path = "/", .run = "r", .method = "POST", .connections = 64, .seconds = 5};

static struct sockaddr_in address;
static int poll;
static histogram latency;
static uint64_t sent, ok, refused, failed, broken, finished;
static int statuses[600];

static void watch(connection *c, int op, uint32_t events) {
  epoll_ctl(poll, op, c->fd, &(struct epoll_event){.events = events, .data.ptr = c});
}

static void connect_to(connection *c) {
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address)) die("load: connect");
  int one = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  c->busy = 0;
  c->in_count = c->out_from = c->out_count = 0;
  watch(c, EPOLL_CTL_ADD, EPOLLIN);
}

static void send_rest(connection *c) {
  while (c->out_from < c->out_count) {
    ssize_t n = send(c->fd, c->out + c->out_from, c->out_count - c->out_from, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n <= 0) {
      watch(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
      return;
    }
    c->out_from += (size_t)n;
  }
}

static void send_request(connection *c, int64_t due) {
  memcpy(c->out, o.head, o.head_size);
  char *at = c->out + o.head_size;
  if (o.subjects) at += sprintf(at, "ce-subject: HS-%llu\r\n", (unsigned long long)(sent % (uint64_t)o.subjects));
  at += sprintf(at, "ce-id: %s-%llu-%lld\r\n\r\n", o.run, (unsigned long long)sent, (long long)due);
  memcpy(at, o.body, o.body_size);
  c->out_from = 0;
  c->out_count = (size_t)(at - c->out) + o.body_size;
  c->busy = 1;
  c->due = due;
  sent++;
  send_rest(c);
}

static void ended(connection *c, int status, int64_t now) {
  c->busy = 0;
  c->in_count = 0;
  finished++;
  if (status > 0 && status < 600) statuses[status]++;
  if (status >= 200 && status < 300) {
    ok++;
    histogram_add(&latency, now - c->due);
  } else if (status == 429 || status == 503) {
    refused++;
    c->resume = now + PAUSE_NS;
  } else {
    failed++;
  }
}

/// Whether an answer is whole. Chunked ones end with their empty chunk; no answer here has trailers.
static int is_whole(const connection *c, const char *end, size_t *over) {
  size_t have = c->in_count - (size_t)(end - c->in);
  const char *length = header(c->in, end, "content-length:");
  if (length) {
    size_t size = strtoull(length, NULL, 10);
    *over = have > size ? have - size : 0;
    return have >= size;
  }
  *over = 0;
  if (header(c->in, end, "transfer-encoding:")) return have >= 5 && memcmp(c->in + c->in_count - 5, "0\r\n\r\n", 5) == 0;
  return 1;
}

static void reconnect(connection *c, int64_t now) {
  if (c->busy) {
    broken++;
    ended(c, 0, now);
  }
  close(c->fd);
  connect_to(c);
}

static void receive(connection *c) {
  ssize_t n = recv(c->fd, c->in + c->in_count, IN_SIZE - 1 - c->in_count, MSG_DONTWAIT);
  int64_t now = now_ns();
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) return reconnect(c, now);
  c->in_count += (size_t)n;
  c->in[c->in_count] = 0;
  const char *blank = memmem(c->in, c->in_count, "\r\n\r\n", 4);
  size_t over;
  if (!blank || !is_whole(c, blank + 4, &over)) {
    if (c->in_count == IN_SIZE - 1) die("load: an answer is too large");
    return;
  }
  int status = c->in_count > 12 ? atoi(c->in + 9) : 0;
  if (status == 100) {
    c->in_count = 0;
    return;
  }
  ended(c, status, now);
}

static void usage(void) {
  fprintf(stderr, "usage: load --port P --path /x --body FILE [--connections N] [--seconds S | --total N] [--rate R] "
                  "[--header 'Name: value'] [--run NAME] [--subjects N] [--host A]\n");
  exit(64);
}

static void read_options(int argc, char **argv) {
  static const struct option options[] = {
    {"host", 1, 0, 'h'}, {"port", 1, 0, 'p'}, {"path", 1, 0, 'u'}, {"body", 1, 0, 'b'}, {"connections", 1, 0, 'c'},
    {"seconds", 1, 0, 's'}, {"rate", 1, 0, 'r'}, {"header", 1, 0, 'H'}, {"run", 1, 0, 'i'}, {"total", 1, 0, 'n'},
    {"subjects", 1, 0, 'S'}, {"method", 1, 0, 'm'}, {0}};
  char headers[4096] = "";
  for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) switch (c) {
      case 'h': o.host = optarg; break;
      case 'p': o.port = atoi(optarg); break;
      case 'u': o.path = optarg; break;
      case 'b': o.body = read_file(optarg, &o.body_size); break;
      case 'c': o.connections = atoi(optarg); break;
      case 's': o.seconds = atof(optarg); break;
      case 'r': o.rate = atof(optarg); break;
      case 'i': o.run = optarg; break;
      case 'n': o.total = strtoull(optarg, NULL, 10); break;
      case 'm': o.method = optarg; break;
      case 'S': o.subjects = atoi(optarg); break;
      case 'H':
        if (strlen(headers) + strlen(optarg) + 3 > sizeof headers) usage();
        strcat(strcat(headers, optarg), "\r\n");
        break;
      default: usage();
    }
  if (strcmp(o.method, "GET") == 0) o.body = "", o.body_size = 0;
  if (!o.port || !o.body || o.connections < 1) usage();
  o.head_size = (size_t)snprintf(
    o.head, sizeof o.head, "%s %s HTTP/1.1\r\nHost: %s:%d\r\nContent-Length: %zu\r\n%s", o.method, o.path, o.host,
    o.port, o.body_size, headers);
  address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)o.port)};
  if (inet_pton(AF_INET, o.host, &address.sin_addr) != 1) usage();
}

static void report(double seconds) {
  printf(
    "{\"sent\":%llu,\"ok\":%llu,\"refused\":%llu,\"failed\":%llu,\"broken\":%llu,\"seconds\":%.6f,\"perSecond\":%.1f",
    (unsigned long long)sent, (unsigned long long)ok, (unsigned long long)refused, (unsigned long long)failed,
    (unsigned long long)broken, seconds, (double)ok / seconds);
  printf(",\"statuses\":{");
  for (int i = 0, first = 1; i < 600; i++)
    if (statuses[i]) {
      printf("%s\"%d\":%d", first ? "" : ",", i, statuses[i]);
      first = 0;
    }
  printf("},\"latency\":");
  histogram_print(&latency, stdout);
  printf("}\n");
}

/// Gives every idle connection what is due. Returns when the next request is due; 0 when that hangs on an answer.
static int64_t feed(connection *all, int64_t begin, int64_t end) {
  int64_t now = now_ns();
  for (int i = 0; i < o.connections; i++) {
    connection *c = &all[i];
    if (c->busy || c->resume > now) continue;
    if (o.total ? sent >= o.total : now >= end) return 0;
    int64_t due = now;
    if (o.rate > 0) {
      due = begin + (int64_t)((double)sent * 1e9 / o.rate);
      if (due > now) return due;
    }
    send_request(c, due);
  }
  return 0;
}

int main(int argc, char **argv) {
  read_options(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  poll = epoll_create1(0);
  connection *all = calloc((size_t)o.connections, sizeof *all);
  for (int i = 0; i < o.connections; i++) {
    all[i].in = malloc(IN_SIZE);
    all[i].out = malloc(sizeof o.head + 512 + o.body_size);
    connect_to(&all[i]);
  }
  int64_t begin = now_ns(), end = begin + (int64_t)(o.seconds * 1e9), last = begin + 1;
  for (;;) {
    int64_t next = feed(all, begin, end);
    int64_t now = now_ns();
    int over = o.total ? sent >= o.total : now >= end;
    if (over && finished == sent) break;
    if (!o.total && now > end + 30000000000) break;
    int64_t wait = next ? next - now : PAUSE_NS;
    if (wait < 0) wait = 0;
    if (wait > PAUSE_NS) wait = PAUSE_NS;
    struct epoll_event events[256];
    int ready = epoll_pwait2(poll, events, 256, &(struct timespec){0, wait}, NULL);
    for (int i = 0; i < ready; i++) {
      connection *c = events[i].data.ptr;
      if (events[i].events & EPOLLOUT) {
        watch(c, EPOLL_CTL_MOD, EPOLLIN);
        send_rest(c);
      }
      if (events[i].events & ~(uint32_t)EPOLLOUT) receive(c);
    }
    if (ready > 0) last = now_ns();
  }
  report((double)(last - begin) / 1e9);
  return 0;
}
