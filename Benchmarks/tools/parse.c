/* Parses one file over and over with libxml2 alone: what reading a document costs without anything else.
 *
 * parse <file> <seconds>: prints documents a second as JSON. One thread, a tree each time, no entities, no network. */
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **words) {
  if (count != 3) return fprintf(stderr, "parse <file> <seconds>\n"), 64;
  FILE *file = fopen(words[1], "rb");
  if (!file) return perror(words[1]), 1;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  char *bytes = malloc(size);
  if (!bytes || fread(bytes, 1, size, file) != (size_t)size) return perror(words[1]), 1;
  fclose(file);
  double begin = now(), end = begin + atof(words[2]);
  long done = 0;
  while (now() < end) {
    xmlDocPtr document = xmlReadMemory(bytes, (int)size, NULL, NULL, XML_PARSE_NONET | XML_PARSE_HUGE);
    if (!document) return fprintf(stderr, "%s is not well-formed\n", words[1]), 1;
    xmlFreeDoc(document);
    done++;
  }
  printf("{\"perSecond\": %.1f}\n", done / (now() - begin));
  return 0;
}
