#include "cxml_reader.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Kept out for the reason that CLibXML/shim.h gives: ICU's headers. */
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

/* How much is given to libxml2 at once. Inside CDATA it hands on 300 bytes a call and searches all that it holds each
   time, so there it must hold little. */
enum { PIECE = 32 * 1024, CDATA_PIECE = 512, ATTRIBUTES_INLINE = 16 };

struct cxml_reader {
  xmlParserCtxtPtr parser;
  cxml_handlers handlers;
  void *context;
  size_t markup_bytes_max;
  cxml_problem problem;
  int stopped;
  uint8_t held[4]; /* the beginning of a character whose end has not come yet */
  size_t held_count;
};

/* Counts characters back to the start of the line, while the parser still holds it. */
static int column_at(const cxml_reader *reader, const xmlChar *place) {
  const xmlParserInput *input = reader->parser->input;
  if (input == NULL) return 1;
  int characters = 0;
  const xmlChar *at = place;
  while (at > input->base && at[-1] != '\n') {
    at--;
    if ((*at & 0xC0) != 0x80) characters++;
  }
  int whole = at > input->base || input->consumed == 0;
  if (!whole) return input->col;
  /* A byte-order mark is no character of the line. */
  if (at == input->base && characters > 0 && at[0] == 0xEF && at[1] == 0xBB && at[2] == 0xBF) characters--;
  return characters + 1;
}

static void copy_line(char *to, size_t size, const char *from) {
  size_t n = 0;
  while (from != NULL && from[n] != '\0' && from[n] != '\n' && n + 1 < size) {
    to[n] = from[n];
    n++;
  }
  while (n > 0 && ((uint8_t)from[n] & 0xC0) == 0x80) n--; /* never half a character */
  to[n] = '\0';
}

static void report(cxml_reader *reader, cxml_problem_kind kind, const char *name, const char *message,
                   const xmlChar *place) {
  if (reader->problem.kind != CXML_PROBLEM_NONE || reader->stopped) return;
  xmlParserInputPtr input = reader->parser->input;
  reader->problem.kind = kind;
  reader->problem.line = input == NULL ? 0 : input->line;
  reader->problem.column = input == NULL ? 0 : column_at(reader, place != NULL ? place : input->cur);
  copy_line(reader->problem.name, sizeof reader->problem.name, name);
  copy_line(reader->problem.message, sizeof reader->problem.message, message);
  xmlStopParser(reader->parser);
}

/* libxml2 finds an undeclared prefix only when the whole tag is read: the tag is still held, so the name is searched
   from its start. Moves the line back, too, when the tag spans lines. */
static const xmlChar *find_prefix(cxml_reader *reader, const char *prefix) {
  const xmlParserInput *input = reader->parser->input;
  if (input == NULL || prefix == NULL) return NULL;
  const xmlChar *start = input->cur;
  while (start > input->base && *start != '<') start--;
  size_t length = strlen(prefix);
  for (const xmlChar *at = start; at + length < input->cur; at++) {
    if (memcmp(at, prefix, length) == 0 && at[length] == ':' && at > start &&
        (at[-1] == '<' || at[-1] == ' ' || at[-1] == '\t' || at[-1] == '\n' || at[-1] == '\r')) {
      return at;
    }
  }
  return NULL;
}

static void report_prefix(cxml_reader *reader, const xmlError *error) {
  const xmlChar *place = find_prefix(reader, error->str1);
  int lines_back = 0; /* counted before the report, which makes the parser let go of its input */
  for (const xmlChar *at = place; at != NULL && at < reader->parser->input->cur; at++) lines_back += *at == '\n';
  report(reader, CXML_PROBLEM_PREFIX, error->str1, error->str2, place);
  reader->problem.line -= lines_back;
}

static void on_error(void *user, xmlErrorPtr error) {
  cxml_reader *reader = user;
  if (error->level < XML_ERR_ERROR) return;
  switch (error->code) {
    case XML_WAR_NS_URI: /* a namespace need not be a good URI to be well-formed */
    case XML_WAR_NS_URI_RELATIVE: return;
    case XML_NS_ERR_UNDEFINED_NAMESPACE: report_prefix(reader, error); return;
    case XML_ERR_UNDECLARED_ENTITY:
    case XML_WAR_UNDECLARED_ENTITY:
      report(reader, CXML_PROBLEM_ENTITY, error->str1, error->message, NULL);
      return;
    case XML_ERR_INVALID_ENCODING:
    case XML_ERR_INVALID_CHAR:
    case XML_I18N_CONV_FAILED:
      report(reader, CXML_PROBLEM_BYTES, NULL, error->message, NULL);
      return;
    case XML_ERR_UNKNOWN_ENCODING:
    case XML_ERR_UNSUPPORTED_ENCODING:
    case XML_ERR_ENCODING_NAME:
    case XML_I18N_NO_HANDLER:
      report(reader, CXML_PROBLEM_ENCODING, error->str1, error->message, NULL);
      return;
    default: report(reader, CXML_PROBLEM_SYNTAX, NULL, error->message, NULL);
  }
}

static void on_doctype(void *user, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id) {
  (void)name, (void)public_id, (void)system_id;
  report(user, CXML_PROBLEM_DTD, NULL, NULL, NULL);
}

static void on_start(void *user, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int namespace_count,
                     const xmlChar **namespaces, int attribute_count, int defaulted, const xmlChar **values) {
  (void)namespace_count, (void)namespaces, (void)defaulted;
  cxml_reader *reader = user;
  if (reader->stopped || reader->problem.kind != CXML_PROBLEM_NONE) return;
  cxml_attribute few[ATTRIBUTES_INLINE];
  size_t count = (size_t)attribute_count;
  cxml_attribute *attributes = count <= ATTRIBUTES_INLINE ? few : calloc(count, sizeof *attributes);
  if (attributes == NULL) {
    report(reader, CXML_PROBLEM_SYNTAX, NULL, "memory has run out", NULL);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    const xmlChar **five = values + i * 5; /* local, prefix, URI, value, end of value */
    attributes[i].name.local = (const char *)five[0];
    attributes[i].name.prefix = (const char *)five[1];
    attributes[i].name.uri = (const char *)five[2];
    attributes[i].value = five[3];
    attributes[i].value_length = (size_t)(five[4] - five[3]);
  }
  const xmlParserInput *input = reader->parser->input;
  cxml_element element = {.name = {(const char *)prefix, (const char *)local, (const char *)uri},
                          .attributes = attributes,
                          .attribute_count = count,
                          .is_empty_tag = input->cur[0] == '/',
                          .tag_end = cxml_reader_offset(reader)};
  reader->handlers.start_element(reader->context, &element);
  if (attributes != few) free(attributes);
}

static void on_end(void *user, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri) {
  (void)local, (void)prefix, (void)uri;
  cxml_reader *reader = user;
  if (reader->stopped || reader->problem.kind != CXML_PROBLEM_NONE) return;
  reader->handlers.end_element(reader->context);
}

static void on_text(void *user, const xmlChar *bytes, int count) {
  cxml_reader *reader = user;
  if (reader->stopped || reader->problem.kind != CXML_PROBLEM_NONE || count <= 0) return;
  reader->handlers.text(reader->context, bytes, (size_t)count);
}

/* Before anything else in libxml2: xmlCreatePushParserCtxt looks for encoders before it initialises the library, and
   two threads that do so at once find half of them. */
static pthread_once_t initialised = PTHREAD_ONCE_INIT;

cxml_reader *cxml_reader_new(const cxml_handlers *handlers, void *context, size_t markup_bytes_max) {
  pthread_once(&initialised, xmlInitParser);
  cxml_reader *reader = calloc(1, sizeof *reader);
  if (reader == NULL) return NULL;
  reader->handlers = *handlers;
  reader->context = context;
  reader->markup_bytes_max = markup_bytes_max;
  xmlSAXHandler sax;
  memset(&sax, 0, sizeof sax);
  sax.initialized = XML_SAX2_MAGIC;
  sax.startElementNs = on_start;
  sax.endElementNs = on_end;
  sax.characters = on_text;
  sax.ignorableWhitespace = on_text;
  sax.cdataBlock = on_text;
  sax.internalSubset = on_doctype;
  sax.serror = on_error;
  reader->parser = xmlCreatePushParserCtxt(&sax, reader, NULL, 0, NULL);
  if (reader->parser == NULL) {
    free(reader);
    return NULL;
  }
  /* NOENT: or libxml2 gives '&' in attributes as '&#38;', for a tree builder to resolve. There is no entity to
     expand. */
  xmlCtxtUseOptions(reader->parser, XML_PARSE_NONET | XML_PARSE_NOENT);
  return reader;
}

static int over(const cxml_reader *reader) { return reader->stopped || reader->problem.kind != CXML_PROBLEM_NONE; }

static int in_cdata(const cxml_reader *reader) { return reader->parser->instate == XML_PARSER_CDATA_SECTION; }

static size_t held_by_parser(const cxml_reader *reader) {
  const xmlParserInput *input = reader->parser->input;
  return input == NULL ? 0 : (size_t)(input->end - input->cur);
}

/* A failed conversion is told by the returned code alone, with no error behind it. */
static void chunk(cxml_reader *reader, const char *bytes, size_t count, int last) {
  int code = xmlParseChunk(reader->parser, bytes, (int)count, last);
  if (code == XML_ERR_OK || code == XML_WAR_NS_URI || code == XML_WAR_NS_URI_RELATIVE) return;
  if (!over(reader)) report(reader, CXML_PROBLEM_BYTES, NULL, NULL, NULL);
}

/* Gives one piece to libxml2, and then lets it work off what it still holds of a CDATA section. */
static void parse_piece(cxml_reader *reader, const uint8_t *bytes, size_t count) {
  chunk(reader, (const char *)bytes, count, 0);
  size_t before = SIZE_MAX;
  while (!over(reader) && in_cdata(reader) && held_by_parser(reader) > CDATA_PIECE && held_by_parser(reader) < before) {
    before = held_by_parser(reader);
    chunk(reader, "", 0, 0);
  }
  if (!over(reader) && !in_cdata(reader) && held_by_parser(reader) > reader->markup_bytes_max) {
    report(reader, CXML_PROBLEM_LONG_MARKUP, NULL, NULL, NULL);
  }
}

/* How many bytes at the end begin a UTF-8 character without ending it. libxml2's push parser would call them wrong. */
static size_t unfinished(const uint8_t *bytes, size_t count) {
  for (size_t back = 1; back <= 3 && back <= count; back++) {
    uint8_t byte = bytes[count - back];
    if ((byte & 0xC0) == 0x80) continue;
    size_t needs = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return needs > back ? back : 0;
  }
  return 0;
}

static void parse_all(cxml_reader *reader, const uint8_t *bytes, size_t count) {
  while (count > 0 && !over(reader)) {
    size_t piece = in_cdata(reader) ? CDATA_PIECE : PIECE;
    if (piece > count) piece = count;
    if (piece < count) piece -= unfinished(bytes, piece);
    parse_piece(reader, bytes, piece);
    bytes += piece;
    count -= piece;
  }
}

/* Joins the held beginning of a character with what follows. Returns how many of the new bytes were used. */
static size_t complete_held(cxml_reader *reader, const uint8_t *bytes, size_t count) {
  size_t used = 0;
  while (reader->held_count > 0 && used < count) {
    reader->held[reader->held_count++] = bytes[used++];
    if (unfinished(reader->held, reader->held_count) == reader->held_count) continue;
    size_t whole = reader->held_count;
    reader->held_count = 0;
    parse_all(reader, reader->held, whole);
  }
  return used;
}

int cxml_reader_feed(cxml_reader *reader, const uint8_t *bytes, size_t count, int last) {
  if (over(reader)) return 1;
  size_t used = complete_held(reader, bytes, count);
  bytes += used;
  count -= used;
  size_t rest = last ? 0 : unfinished(bytes, count);
  parse_all(reader, bytes, count - rest);
  if (rest > 0) {
    memcpy(reader->held, bytes + count - rest, rest);
    reader->held_count = rest;
  }
  if (last && !over(reader)) {
    if (reader->held_count > 0) parse_all(reader, reader->held, reader->held_count);
    if (!over(reader)) chunk(reader, NULL, 0, 1);
    if (!over(reader) && !reader->parser->wellFormed) {
      report(reader, CXML_PROBLEM_SYNTAX, NULL, "the document ends too early", NULL);
    }
  }
  return over(reader);
}

void cxml_reader_stop(cxml_reader *reader) {
  reader->stopped = 1;
  xmlStopParser(reader->parser);
}

const cxml_problem *cxml_reader_problem(const cxml_reader *reader) { return &reader->problem; }

long cxml_reader_offset(cxml_reader *reader) {
  const xmlParserInput *input = reader->parser->input;
  return input == NULL ? 0 : (long)input->consumed + (long)(input->cur - input->base);
}

int cxml_reader_is_utf8(const cxml_reader *reader) {
  const xmlParserInput *input = reader->parser->input;
  return input != NULL && (input->buf == NULL || input->buf->encoder == NULL);
}

int cxml_reader_line(const cxml_reader *reader) {
  return reader->parser->input == NULL ? 0 : reader->parser->input->line;
}

int cxml_reader_column(const cxml_reader *reader) {
  return reader->parser->input == NULL ? 0 : column_at(reader, reader->parser->input->cur);
}

void cxml_reader_free(cxml_reader *reader) {
  if (reader == NULL) return;
  if (reader->parser != NULL) {
    if (reader->parser->myDoc != NULL) xmlFreeDoc(reader->parser->myDoc);
    xmlFreeParserCtxt(reader->parser);
  }
  free(reader);
}
