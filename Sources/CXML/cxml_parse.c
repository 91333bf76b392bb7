#include "cxml_parse.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cxml_inside.h"

/* MARK: set-up */

static xmlParserInputPtr refuse_to_load(const char *url, const char *id, xmlParserCtxtPtr parser) {
  (void)url;
  (void)id;
  (void)parser;
  return NULL;
}

static void set_up_once(void) {
  xmlInitParser();
  xmlSetExternalEntityLoader(refuse_to_load);
}

void cxml_setup(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, set_up_once);
}

/* MARK: one strict parser, with or without a tree */

struct reading {
  cxml_parse_problem problem;
  int depth;
  int depth_max;
  int builds_tree;
  const cxml_events *events;
};

static struct reading *reading_of(void *context) { return ((xmlParserCtxtPtr)context)->_private; }

static void stop(xmlParserCtxtPtr parser, cxml_code code, const char *message) {
  struct reading *reading = parser->_private;
  if (reading->problem.code == CXML_OK) {
    reading->problem.code = code;
    reading->problem.line = parser->input != NULL ? parser->input->line : 0;
    reading->problem.column = parser->input != NULL ? parser->input->col : 0;
    strncpy(reading->problem.message, message, sizeof reading->problem.message - 1);
  }
  xmlStopParser(parser);
}

static cxml_code code_of(xmlErrorPtr error) {
  static const char wrong_bytes[] = "Input is not proper UTF-8";
  if (error->message != NULL && strncmp(error->message, wrong_bytes, sizeof wrong_bytes - 1) == 0) return CXML_ENCODING;
  switch (error->code) {
    case XML_ERR_INVALID_ENCODING:
    case XML_ERR_UNKNOWN_ENCODING:
    case XML_ERR_UNSUPPORTED_ENCODING:
    case XML_I18N_CONV_FAILED:
    case XML_I18N_NO_HANDLER:
      return CXML_ENCODING;
    case XML_ERR_UNDECLARED_ENTITY:
    case XML_WAR_UNDECLARED_ENTITY:
    case XML_ERR_ENTITY_LOOP:
      return CXML_ENTITY;
    default:
      return CXML_SYNTAX;
  }
}

/* The first error counts; some of libxml2's messages go on to quote bytes of the document after a line break. */
static void on_error(void *context, xmlErrorPtr error) {
  struct reading *reading = reading_of(context);
  const int grave = error->level >= XML_ERR_ERROR || error->code == XML_WAR_UNDECLARED_ENTITY;
  if (reading->problem.code != CXML_OK || !grave) return;
  reading->problem.code = code_of(error);
  reading->problem.line = error->line;
  reading->problem.column = error->int2;
  const char *message = error->message != NULL ? error->message : "not well formed";
  size_t count = strcspn(message, "\n");
  if (count > sizeof reading->problem.message - 1) count = sizeof reading->problem.message - 1;
  while (count > 0 && ((unsigned char)message[count] & 0xC0) == 0x80) count--;
  memcpy(reading->problem.message, message, count);
  xmlStopParser((xmlParserCtxtPtr)context);
}

static void on_dtd(void *context, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id) {
  (void)name;
  (void)public_id;
  (void)system_id;
  stop(context, CXML_DTD, "a document type declaration");
}

static void on_reference(void *context, const xmlChar *name) {
  (void)name;
  stop(context, CXML_ENTITY, "an entity that is not predefined");
}

static void *push(void *list, size_t count, size_t size) {
  void *grown = realloc(list, count * size);
  if (grown == NULL) abort();
  return grown;
}

static char *joined(const xmlChar *prefix, const xmlChar *name) {
  size_t before = prefix != NULL ? (size_t)xmlStrlen(prefix) + 1 : 0;
  size_t after = name != NULL ? (size_t)xmlStrlen(name) : 0;
  char *text = malloc(before + after + 1);
  if (text == NULL) abort();
  if (before > 0) {
    memcpy(text, prefix, before - 1);
    text[before - 1] = name != NULL ? ':' : 0;
  }
  if (after > 0) memcpy(text + before, name, after);
  text[name != NULL ? before + after : (before > 0 ? before - 1 : 0)] = 0;
  return text;
}

static void tell_begin(const cxml_events *events, const xmlChar *name, const xmlChar *prefix, int namespace_count,
                       const xmlChar **namespaces, int attribute_count, const xmlChar **attributes) {
  char **list = NULL;
  size_t count = 0;
  list = push(list, (size_t)(namespace_count + attribute_count) * 2 + 1, sizeof *list);
  for (int i = 0; i < namespace_count; i++) {
    const xmlChar *own = namespaces[i * 2];
    list[count++] = own != NULL ? joined(BAD_CAST "xmlns", own) : joined(NULL, BAD_CAST "xmlns");
    list[count++] = joined(NULL, namespaces[i * 2 + 1] != NULL ? namespaces[i * 2 + 1] : BAD_CAST "");
  }
  for (int i = 0; i < attribute_count; i++) {
    const xmlChar **attribute = attributes + i * 5;
    size_t length = (size_t)(attribute[4] - attribute[3]);
    char *value = malloc(length + 1);
    if (value == NULL) abort();
    memcpy(value, attribute[3], length);
    value[length] = 0;
    list[count++] = joined(attribute[1], attribute[0]);
    list[count++] = value;
  }
  list[count] = NULL;
  char *full = joined(prefix, name);
  events->begin(events->context, full, (const char *const *)list);
  free(full);
  for (size_t i = 0; i < count; i++) free(list[i]);
  free(list);
}

static void on_begin(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespace_count, const xmlChar **namespaces, int attribute_count, int defaulted,
                     const xmlChar **attributes) {
  struct reading *reading = reading_of(context);
  reading->depth += 1;
  if (reading->depth > reading->depth_max) return stop(context, CXML_DEPTH, "nested too deep");
  if (reading->builds_tree)
    xmlSAX2StartElementNs(context, name, prefix, uri, namespace_count, namespaces, attribute_count, defaulted,
                          attributes);
  if (reading->events != NULL && reading->events->begin != NULL)
    tell_begin(reading->events, name, prefix, namespace_count, namespaces, attribute_count, attributes);
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
  struct reading *reading = reading_of(context);
  reading->depth -= 1;
  if (reading->builds_tree) xmlSAX2EndElementNs(context, name, prefix, uri);
  if (reading->events != NULL && reading->events->end != NULL) reading->events->end(reading->events->context);
}

static void on_text(void *context, const xmlChar *bytes, int count) {
  struct reading *reading = reading_of(context);
  if (reading->builds_tree) xmlSAX2Characters(context, bytes, count);
  if (reading->events != NULL && reading->events->text != NULL)
    reading->events->text(reading->events->context, (const char *)bytes, (size_t)count);
}

static const int parse_options = XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_BIG_LINES | XML_PARSE_NOCDATA;

static void make_strict(xmlParserCtxtPtr parser, struct reading *reading) {
  xmlSAXHandlerPtr sax = parser->sax;
  if (!reading->builds_tree) memset(sax, 0, sizeof *sax);
  sax->initialized = XML_SAX2_MAGIC;
  sax->serror = on_error;
  sax->internalSubset = on_dtd;
  sax->externalSubset = on_dtd;
  sax->reference = on_reference;
  sax->startElementNs = on_begin;
  sax->endElementNs = on_end;
  sax->characters = on_text;
  sax->ignorableWhitespace = on_text;
  sax->cdataBlock = on_text;
  parser->_private = reading;
}

static void check_ended(xmlParserCtxtPtr parser, struct reading *reading) {
  if (reading->problem.code == CXML_OK && !parser->wellFormed) stop(parser, CXML_SYNTAX, "not well formed");
}

cxml_parse_problem cxml_scan(cxml_read read, void *read_context, int depth_max, const cxml_events *events) {
  cxml_setup();
  struct reading reading = {.depth_max = depth_max, .events = events};
  const size_t room = 64 * 1024;
  char *buffer = malloc(room);
  if (buffer == NULL) abort();
  xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(NULL, NULL, NULL, 0, NULL);
  if (parser == NULL) abort();
  make_strict(parser, &reading);
  xmlCtxtUseOptions(parser, parse_options);
  long got;
  while (reading.problem.code == CXML_OK && (got = read(read_context, buffer, room)) > 0)
    xmlParseChunk(parser, buffer, (int)got, 0);
  if (reading.problem.code == CXML_OK && got < 0) stop(parser, CXML_UNREADABLE, "the bytes could not be had");
  if (reading.problem.code == CXML_OK) xmlParseChunk(parser, buffer, 0, 1);
  check_ended(parser, &reading);
  if (parser->myDoc != NULL) xmlFreeDoc(parser->myDoc);
  parser->myDoc = NULL;
  xmlFreeParserCtxt(parser);
  free(buffer);
  return reading.problem;
}

cxml_document *cxml_document_parse(const char *bytes, size_t count, int depth_max, cxml_parse_problem *problem) {
  cxml_setup();
  struct reading reading = {.depth_max = depth_max, .builds_tree = 1};
  cxml_document *document = NULL;
  if (count > 0x7fffffff) {
    reading.problem = (cxml_parse_problem){CXML_UNREADABLE, 0, 0, "longer than 2 GB"};
  } else {
    xmlParserCtxtPtr parser = xmlNewParserCtxt();
    if (parser == NULL) abort();
    make_strict(parser, &reading);
    xmlDocPtr doc = xmlCtxtReadMemory(parser, bytes, (int)count, "document", NULL, parse_options);
    check_ended(parser, &reading);
    xmlFreeParserCtxt(parser);
    if (reading.problem.code == CXML_OK && doc != NULL) {
      document = malloc(sizeof *document);
      if (document == NULL) abort();
      document->doc = doc;
    } else {
      xmlFreeDoc(doc);
    }
  }
  *problem = reading.problem;
  return document;
}

void cxml_document_free(cxml_document *document) {
  if (document == NULL) return;
  xmlFreeDoc(document->doc);
  free(document);
}
