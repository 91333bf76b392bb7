/* A streaming XML reader for hostile input: libxml2's push parser behind plain functions.

   It never opens anything, knows no DTD and no entities but the five of XML 1.0 section 4.6, gives text in pieces
   (CDATA too, so that an attachment of any size passes through a few kilobytes), and stops at the first problem.
   One reader belongs to one thread at a time. */
#ifndef CXML_READER_H
#define CXML_READER_H
#include <stddef.h>
#include <stdint.h>

typedef struct cxml_reader cxml_reader;

/* A name as written and as meant. Strings are valid during the call that hands them over; absent parts are NULL. */
typedef struct {
  const char *prefix;
  const char *local;
  const char *uri;
} cxml_name;

typedef struct {
  cxml_name name;
  const uint8_t *value; /* not terminated; references are resolved */
  size_t value_length;
} cxml_attribute;

typedef struct {
  cxml_name name;
  const cxml_attribute *attributes;
  size_t attribute_count;
  int is_empty_tag; /* written as <x/> */
  long tag_end;     /* offset of the '>' or '/>' that ends the tag; see cxml_reader_offset */
} cxml_element;

typedef struct {
  void (*start_element)(void *context, const cxml_element *element);
  void (*end_element)(void *context);
  void (*text)(void *context, const uint8_t *bytes, size_t count);
} cxml_handlers;

typedef enum {
  CXML_PROBLEM_NONE = 0,
  CXML_PROBLEM_SYNTAX,     /* not well-formed; message says how */
  CXML_PROBLEM_DTD,        /* a document type declaration */
  CXML_PROBLEM_ENTITY,     /* an entity that is not one of the five; name */
  CXML_PROBLEM_PREFIX,     /* an undeclared prefix; name, and what it stands before in message */
  CXML_PROBLEM_BYTES,      /* bytes that the encoding does not have */
  CXML_PROBLEM_ENCODING,   /* an unknown encoding, or a declaration that contradicts the bytes; name may be set */
  CXML_PROBLEM_LONG_MARKUP /* one tag, comment or instruction beyond the limit */
} cxml_problem_kind;

typedef struct {
  cxml_problem_kind kind;
  int line;
  int column;        /* in characters, from 1; where the line is too long to count, as libxml2 counts */
  char name[128];
  char message[256]; /* libxml2's own words, one line */
} cxml_problem;

/* Makes a reader, or returns NULL when memory has run out. `markup_bytes_max` bounds one tag, comment or processing
   instruction. `handlers` is copied. */
cxml_reader *cxml_reader_new(const cxml_handlers *handlers, void *context, size_t markup_bytes_max);

/* Reads on; `last` tells that nothing follows. Returns 0, or 1 when there is a problem or a handler has stopped. */
int cxml_reader_feed(cxml_reader *reader, const uint8_t *bytes, size_t count, int last);

/* Ends reading from within a handler. */
void cxml_reader_stop(cxml_reader *reader);

/* The first problem; its kind is CXML_PROBLEM_NONE when there is none. */
const cxml_problem *cxml_reader_problem(const cxml_reader *reader);

/* How many bytes of the input lie before the reader's place. Inside end_element: just behind the end tag. Only
   meaningful while cxml_reader_is_utf8 says 1. */
long cxml_reader_offset(cxml_reader *reader);

/* Whether the input is UTF-8 without conversion. */
int cxml_reader_is_utf8(const cxml_reader *reader);

/* The reader's place, for complaints. */
int cxml_reader_line(const cxml_reader *reader);
int cxml_reader_column(const cxml_reader *reader);

void cxml_reader_free(cxml_reader *reader);

#endif
