// Sends lines to syslog-ng over TCP. The protocol has no acknowledgement: what counts is when the receiver has them.
//
//   syslog load <port> <unused> <seconds> <total> <run> <body>   one line each: the id, a blank, the body

#include "client.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
  client c = client_options(argc, argv);
  struct sockaddr_in address = {
    .sin_family = AF_INET, .sin_port = htons((uint16_t)c.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) die("syslog-ng");
  char *line = malloc(c.size + 128);
  client_begin(&c);
  for (int64_t now = c.begin; client_goes_on(&c, now); now = now_ns()) {
    client_id(&c, line, 64, now);
    size_t size = strlen(line);
    line[size++] = ' ';
    memcpy(line + size, c.body, c.size);
    size += c.size;
    line[size++] = '\n';
    for (size_t sent = 0; sent < size;) {
      ssize_t n = write(fd, line + sent, size - sent);
      if (n <= 0) die("syslog-ng: write");
      sent += (size_t)n;
    }
    client_done(&c, now);
  }
  shutdown(fd, SHUT_WR);
  client_print(&c);
  return 0;
}
