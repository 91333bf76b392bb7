// RabbitMQ: publishes with confirms, and takes what the shovel brought.
//
//   rabbitmq load <port> <window> <seconds> <total> <run> <body>   persistent messages to queue `in`; `window` unconfirmed
//   rabbitmq proof …   the same to queue `proof`, from which nothing is taken
//   rabbitmq receive <port>   the receiver behind the shovel, queue `out`: reads from standard input for how many
//                             messages to wait, and prints its tally when it has them

#include "client.h"

#include <errno.h>
#include <poll.h>
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <sys/time.h>
#include <unistd.h>

static void checked(amqp_rpc_reply_t reply, const char *what) {
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return;
  fprintf(stderr, "rabbitmq: %s: %s\n", what, amqp_error_string2(reply.library_error));
  exit(1);
}

static amqp_connection_state_t open_connection(int port) {
  amqp_connection_state_t connection = amqp_new_connection();
  amqp_socket_t *socket = amqp_tcp_socket_new(connection);
  if (amqp_socket_open(socket, "127.0.0.1", port)) die("rabbitmq");
  checked(amqp_login(connection, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest"), "login");
  amqp_channel_open(connection, 1);
  checked(amqp_get_rpc_reply(connection), "channel");
  return connection;
}

/// Waits for one confirm, which may stand for several messages.
static void take_confirm(client *c, amqp_connection_state_t connection, const int64_t *due, uint64_t ring,
                         uint64_t *confirmed) {
  amqp_frame_t frame;
  int status = amqp_simple_wait_frame(connection, &frame);
  if (status != AMQP_STATUS_OK || frame.frame_type != AMQP_FRAME_METHOD) die("rabbitmq: no confirm");
  if (frame.payload.method.id != AMQP_BASIC_ACK_METHOD) {
    fprintf(stderr, "rabbitmq: a message was not taken\n");
    exit(1);
  }
  amqp_basic_ack_t *ack = frame.payload.method.decoded;
  uint64_t from = ack->multiple ? *confirmed + 1 : ack->delivery_tag;
  for (uint64_t tag = from; tag <= ack->delivery_tag; tag++) client_done(c, due[tag % ring]);
  // Confirms of a queue come in order, so that the last tag says it all.
  if (ack->delivery_tag > *confirmed) *confirmed = ack->delivery_tag;
  amqp_maybe_release_buffers(connection);
}

static void load(client *c) {
  amqp_connection_state_t connection = open_connection(c->port);
  amqp_confirm_select(connection, 1);
  checked(amqp_get_rpc_reply(connection), "confirms");
  uint64_t ring = 4 * (uint64_t)c->clients, confirmed = 0;
  int64_t *due = calloc(ring, sizeof *due);
  const char *queue = strcmp(c->mode, "proof") ? "in" : "proof";
  client_begin(c);
  for (;;) {
    int64_t now = now_ns();
    if (client_goes_on(c, now) && c->sent - c->done < (uint64_t)c->clients) {
      char id[64];
      client_id(c, id, sizeof id, now);
      due[c->sent % ring] = now;
      amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG,
        .delivery_mode = 2, .message_id = amqp_cstring_bytes(id),
        .content_type = amqp_cstring_bytes("application/json")};
      if (amqp_basic_publish(
            connection, 1, amqp_cstring_bytes(""), amqp_cstring_bytes(queue), 0, 0, &properties,
            (amqp_bytes_t){c->size, c->body}))
        die("rabbitmq: publish");
    } else if (c->done < c->sent) {
      take_confirm(c, connection, due, ring, &confirmed);
    } else {
      break;
    }
  }
  client_print(c);
}

/// Reads a number from standard input if one has come; ends with the program that started this one.
static void read_wanted(uint64_t *wanted) {
  struct pollfd in = {.fd = 0, .events = POLLIN};
  if (poll(&in, 1, 0) <= 0) return;
  char line[64];
  ssize_t n = read(0, line, sizeof line - 1);
  if (n <= 0) exit(0);
  line[n] = 0;
  *wanted = strtoull(line, NULL, 10);
}

static void receive(int port) {
  amqp_connection_state_t connection = open_connection(port);
  amqp_queue_declare(connection, 1, amqp_cstring_bytes("out"), 0, 0, 0, 0, amqp_empty_table);
  checked(amqp_get_rpc_reply(connection), "queue");
  amqp_basic_consume(connection, 1, amqp_cstring_bytes("out"), amqp_empty_bytes, 0, 1, 0, amqp_empty_table);
  checked(amqp_get_rpc_reply(connection), "consume");
  tally taken = {0};
  tally_reset(&taken);
  uint64_t wanted = 0;
  for (;;) {
    read_wanted(&wanted);
    if (wanted && taken.distinct >= wanted) {
      tally_print(&taken, stdout);
      fflush(stdout);
      tally_reset(&taken);
      wanted = 0;
    }
    amqp_envelope_t envelope;
    amqp_maybe_release_buffers(connection);
    amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, &(struct timeval){0, 5000}, 0);
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && reply.library_error == AMQP_STATUS_TIMEOUT) continue;
    checked(reply, "delivery");
    amqp_bytes_t id = envelope.message.properties.message_id;
    char text[64] = "";
    size_t size = id.len < sizeof text - 1 ? id.len : sizeof text - 1;
    memcpy(text, id.bytes, size);
    tally_add(&taken, text, text + size);
    amqp_destroy_envelope(&envelope);
  }
}

int main(int argc, char **argv) {
  client c = client_options(argc, argv);
  if (strcmp(c.mode, "receive") == 0) receive(c.port);
  load(&c);
  return 0;
}
