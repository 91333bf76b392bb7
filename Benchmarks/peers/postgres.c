// PostgreSQL as a durable queue.
//
//   postgres load <port> <clients> <seconds> <total> <run> <body>   one row a commit, each client one at a time
//   postgres forward <port> <receiver's port> [batch]               takes rows with SKIP LOCKED, posts, deletes, commits
//
// The key is unique, as a hub's duplicate key is; what was delivered leaves the table.

#include "client.h"
#include "post.h"

#include <libpq-fe.h>
#include <sys/epoll.h>

static PGconn *open_connection(int port) {
  char text[128];
  snprintf(text, sizeof text, "host=127.0.0.1 port=%d dbname=postgres user=bench", port);
  PGconn *connection = PQconnectdb(text);
  if (PQstatus(connection) != CONNECTION_OK) {
    fprintf(stderr, "%s", PQerrorMessage(connection));
    exit(1);
  }
  return connection;
}

static PGresult *checked(PGconn *connection, PGresult *result) {
  ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    fprintf(stderr, "%s", PQerrorMessage(connection));
    exit(1);
  }
  return result;
}

typedef struct {
  PGconn *connection;
  int64_t due;
  int busy;
} seat;

static void insert(client *c, seat *s) {
  char id[64];
  s->due = now_ns();
  client_id(c, id, sizeof id, s->due);
  const char *values[] = {id, c->body};
  if (!PQsendQueryPrepared(s->connection, "put", 2, values, NULL, NULL, 0)) die(PQerrorMessage(s->connection));
  s->busy = 1;
}

static void load(client *c) {
  seat *seats = calloc((size_t)c->clients, sizeof *seats);
  int poll = epoll_create1(0);
  for (int i = 0; i < c->clients; i++) {
    seats[i].connection = open_connection(c->port);
    PQclear(checked(
      seats[i].connection,
      PQprepare(seats[i].connection, "put", "insert into message(key, body) values ($1, $2)", 2, NULL)));
    epoll_ctl(
      poll, EPOLL_CTL_ADD, PQsocket(seats[i].connection),
      &(struct epoll_event){.events = EPOLLIN, .data.ptr = &seats[i]});
  }
  client_begin(c);
  int open = 0;
  for (int i = 0; i < c->clients && client_goes_on(c, now_ns()); i++, open++) insert(c, &seats[i]);
  while (open > 0) {
    struct epoll_event events[64];
    int ready = epoll_wait(poll, events, 64, 1000);
    for (int i = 0; i < ready; i++) {
      seat *s = events[i].data.ptr;
      if (!PQconsumeInput(s->connection)) die(PQerrorMessage(s->connection));
      while (s->busy && !PQisBusy(s->connection)) {
        PGresult *result = PQgetResult(s->connection);
        if (result) {
          PQclear(checked(s->connection, result));
          continue;
        }
        s->busy = 0;
        client_done(c, s->due);
        open--;
      }
      if (!s->busy && client_goes_on(c, now_ns())) {
        insert(c, s);
        open++;
      }
    }
  }
  client_print(c);
}

static void forward(int port, int receiver, int batch) {
  PGconn *connection = open_connection(port);
  post out = post_open(receiver);
  char take[256];
  snprintf(
    take, sizeof take, "select id, key, body from message order by id limit %d for update skip locked", batch);
  for (;;) {
    PQclear(checked(connection, PQexec(connection, "begin")));
    PGresult *rows = checked(connection, PQexec(connection, take));
    int count = PQntuples(rows);
    if (count > 0) {
      char *list = malloc((size_t)count * 24 + 64), *at = list;
      at += sprintf(at, "delete from message where id in (");
      for (int i = 0; i < count; i++) {
        post_add(&out, PQgetvalue(rows, i, 1), PQgetvalue(rows, i, 2), (size_t)PQgetlength(rows, i, 2));
        at += sprintf(at, "%s%s", i ? "," : "", PQgetvalue(rows, i, 0));
      }
      strcpy(at, ")");
      post_all(&out);
      PQclear(checked(connection, PQexec(connection, list)));
      free(list);
    }
    PQclear(rows);
    PQclear(checked(connection, PQexec(connection, "commit")));
    if (count == 0) usleep(5000);
  }
}

int main(int argc, char **argv) {
  client c = client_options(argc, argv);
  if (strcmp(c.mode, "forward") == 0 && argc > 3) forward(c.port, atoi(argv[3]), argc > 4 ? atoi(argv[4]) : 256);
  load(&c);
  return 0;
}
