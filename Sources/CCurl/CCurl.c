#define _GNU_SOURCE
#include "CCurl.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

CURLcode ccurl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}

CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

CURLcode ccurl_set_blob(CURL *easy, CURLoption option, const void *bytes, size_t count) {
  struct curl_blob blob = {.data = (void *)bytes, .len = count, .flags = CURL_BLOB_COPY};
  return curl_easy_setopt(easy, option, &blob);
}

CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}

CURLcode ccurl_set_headers(CURL *easy, struct curl_slist *list) {
  return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
}

CURLcode ccurl_set_body(CURL *easy, const void *bytes, curl_off_t count) {
  CURLcode result = curl_easy_setopt(easy, CURLOPT_POST, 1L);
  if (result == CURLE_OK) result = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, count);
  if (result == CURLE_OK) result = curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, count ? bytes : "");
  return result;
}

CURLcode ccurl_set_write(CURL *easy, size_t (*function)(char *, size_t, size_t, void *), void *context) {
  CURLcode result = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, function);
  return result == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_WRITEDATA, context) : result;
}

CURLcode ccurl_set_header(CURL *easy, size_t (*function)(char *, size_t, size_t, void *), void *context) {
  CURLcode result = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, function);
  return result == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_HEADERDATA, context) : result;
}

CURLcode ccurl_set_read(CURL *easy, size_t (*function)(char *, size_t, size_t, void *), void *context) {
  CURLcode result = curl_easy_setopt(easy, CURLOPT_READFUNCTION, function);
  return result == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_READDATA, context) : result;
}

CURLcode ccurl_set_open_socket(
    CURL *easy, curl_socket_t (*function)(void *, curlsocktype, struct curl_sockaddr *), void *context) {
  CURLcode result = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, function);
  return result == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context) : result;
}

CURLcode ccurl_set_prereq(CURL *easy, int (*function)(void *, char *, char *, int, int), void *context) {
  CURLcode result = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, function);
  return result == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_PREREQDATA, context) : result;
}

CURLcode ccurl_allow_http_only(CURL *easy) {
  // The newer option takes names and parses them anew for each transfer; the older one is deprecated and still works.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#pragma GCC diagnostic pop
}

CURLcode ccurl_allow_files_only(CURL *easy) {
  return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "sftp,ftp,ftps");
}

CURLcode ccurl_set_quotes(CURL *easy, struct curl_slist *list) { return curl_easy_setopt(easy, CURLOPT_QUOTE, list); }

long ccurl_get_long(CURL *easy, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

curl_off_t ccurl_get_offset(CURL *easy, CURLINFO info) {
  curl_off_t value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

void *ccurl_get_private(CURL *easy) {
  char *value = NULL;
  return curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value) == CURLE_OK ? value : NULL;
}

CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

CURL *ccurl_next_finished(CURLM *multi, CURLcode *result) {
  int left = 0;
  CURLMsg *message;
  while ((message = curl_multi_info_read(multi, &left)) != NULL) {
    if (message->msg != CURLMSG_DONE) continue;
    *result = message->data.result;
    return message->easy_handle;
  }
  return NULL;
}

int ccurl_address(const struct curl_sockaddr *address, uint8_t bytes[16], uint16_t *port) {
  // libcurl keeps the whole address behind `addr`, which is declared as the short `struct sockaddr`.
  if (address->family == AF_INET) {
    struct sockaddr_in four;
    memcpy(&four, &address->addr, sizeof four);
    memcpy(bytes, &four.sin_addr, 4);
    *port = ntohs(four.sin_port);
    return 4;
  }
  if (address->family == AF_INET6) {
    struct sockaddr_in6 six;
    memcpy(&six, &address->addr, sizeof six);
    memcpy(bytes, &six.sin6_addr, 16);
    *port = ntohs(six.sin6_port);
    return 16;
  }
  return 0;
}

curl_socket_t ccurl_open_socket(const struct curl_sockaddr *address) {
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int ccurl_hold(const void *bytes, size_t count) {
  int fd = memfd_create("lgsp-key", MFD_CLOEXEC);
  if (fd < 0) return -1;
  size_t done = 0;
  while (done < count) {
    ssize_t written = write(fd, (const char *)bytes + done, count - done);
    if (written <= 0) {
      close(fd);
      return -1;
    }
    done += (size_t)written;
  }
  return fd;
}

void ccurl_name_thread(const char *name) {
  pthread_setname_np(pthread_self(), name);
}
