#include "cxml_parse.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libxml/xmlmemory.h>

/* libxml2 and libxslt go on when they get no memory, with less than the whole document: a worker process must not. */

static int code_without_memory;

static void *checked(void *memory) {
  if (memory == NULL) _exit(code_without_memory);
  return memory;
}

static void *take(size_t count) { return checked(malloc(count > 0 ? count : 1)); }

static void *take_more(void *memory, size_t count) { return checked(realloc(memory, count > 0 ? count : 1)); }

static char *take_copy(const char *text) { return checked(strdup(text)); }

void cxml_end_without_memory(int code) {
  code_without_memory = code;
  xmlMemSetup(free, take, take_more, take_copy);
}
