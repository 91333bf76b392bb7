// Redis Streams as a durable queue.
//
//   redis load <port> <clients> <seconds> <total> <run> <body>   XADD, each client one at a time
//   redis forward <port> <receiver's port> [batch]               XREADGROUP, posts, XACK and XDEL

#include "client.h"
#include "post.h"

#include <hiredis/hiredis.h>
#include <sys/epoll.h>

static redisContext *open_connection(int port) {
  redisContext *connection = redisConnect("127.0.0.1", port);
  if (!connection || connection->err) die("redis");
  return connection;
}

static redisReply *checked(redisContext *connection, void *answer) {
  redisReply *reply = answer;
  if (!reply || reply->type == REDIS_REPLY_ERROR) {
    fprintf(stderr, "redis: %s\n", reply ? reply->str : connection->errstr);
    exit(1);
  }
  return reply;
}

typedef struct {
  redisContext *connection;
  int64_t due;
} seat;

static void add(client *c, seat *s) {
  char id[64];
  s->due = now_ns();
  client_id(c, id, sizeof id, s->due);
  redisAppendCommand(s->connection, "XADD messages * key %s body %b", id, c->body, c->size);
  for (int over = 0; !over;)
    if (redisBufferWrite(s->connection, &over) != REDIS_OK) die("redis: write");
}

static void load(client *c) {
  seat *seats = calloc((size_t)c->clients, sizeof *seats);
  int poll = epoll_create1(0);
  for (int i = 0; i < c->clients; i++) {
    seats[i].connection = open_connection(c->port);
    epoll_ctl(
      poll, EPOLL_CTL_ADD, seats[i].connection->fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = &seats[i]});
  }
  client_begin(c);
  int open = 0;
  for (int i = 0; i < c->clients && client_goes_on(c, now_ns()); i++, open++) add(c, &seats[i]);
  while (open > 0) {
    struct epoll_event events[64];
    int ready = epoll_wait(poll, events, 64, 1000);
    for (int i = 0; i < ready; i++) {
      seat *s = events[i].data.ptr;
      void *answer = NULL;
      if (redisBufferRead(s->connection) != REDIS_OK) die("redis: read");
      if (redisGetReplyFromReader(s->connection, &answer) != REDIS_OK) die("redis: answer");
      if (!answer) continue;
      freeReplyObject(checked(s->connection, answer));
      client_done(c, s->due);
      open--;
      if (client_goes_on(c, now_ns())) {
        add(c, s);
        open++;
      }
    }
  }
  client_print(c);
}

static void forward(int port, int receiver, int batch) {
  redisContext *connection = open_connection(port);
  post out = post_open(receiver);
  freeReplyObject(redisCommand(connection, "XGROUP CREATE messages forward 0 MKSTREAM"));
  for (;;) {
    redisReply *reply = checked(
      connection,
      redisCommand(connection, "XREADGROUP GROUP forward one COUNT %d BLOCK 1000 STREAMS messages >", batch));
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 1) {
      redisReply *entries = reply->element[0]->element[1];
      size_t count = entries->elements;
      const char **ack = malloc((count + 3) * sizeof *ack), **del = malloc((count + 2) * sizeof *del);
      ack[0] = "XACK", ack[1] = del[1] = "messages", ack[2] = "forward", del[0] = "XDEL";
      for (size_t i = 0; i < count; i++) {
        redisReply **parts = entries->element[i]->element, **fields = parts[1]->element;
        post_add(&out, fields[1]->str, fields[3]->str, fields[3]->len);
        ack[i + 3] = del[i + 2] = parts[0]->str;
      }
      post_all(&out);
      redisAppendCommandArgv(connection, (int)count + 3, ack, NULL);
      redisAppendCommandArgv(connection, (int)count + 2, del, NULL);
      for (int i = 0; i < 2; i++) {
        void *answer;
        if (redisGetReply(connection, &answer) != REDIS_OK) die("redis: acknowledgement");
        freeReplyObject(checked(connection, answer));
      }
      free(ack);
      free(del);
    }
    freeReplyObject(reply);
  }
}

int main(int argc, char **argv) {
  client c = client_options(argc, argv);
  if (strcmp(c.mode, "forward") == 0 && argc > 3) forward(c.port, atoi(argv[3]), argc > 4 ? atoi(argv[4]) : 256);
  load(&c);
  return 0;
}
