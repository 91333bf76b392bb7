/* Strict reading of XML: no document type, no entities but the five predefined ones, bounded depth, no network, no
   file. What breaks these rules stops the parser where it stands. */
#ifndef CXML_PARSE_H
#define CXML_PARSE_H

#include <stddef.h>

/* Call before anything else here; may be called any number of times from any thread. Sets libxml2 up once and makes
   it refuse, in the whole process, to load anything by a URL or a file name. */
void cxml_setup(void);

/* Call before cxml_setup, if at all: from now on the process ends with `code` when libxml2 or libxslt gets no
   memory. */
void cxml_end_without_memory(int code);

typedef enum {
  CXML_OK,
  CXML_SYNTAX,     /* not well formed */
  CXML_ENCODING,   /* bytes that are not text in the declared encoding */
  CXML_DTD,        /* a document type declaration */
  CXML_ENTITY,     /* an entity other than the predefined ones */
  CXML_DEPTH,      /* nested deeper than allowed */
  CXML_UNREADABLE, /* the bytes could not be had */
  CXML_STOPPED     /* a callback said so */
} cxml_code;

typedef struct {
  cxml_code code;
  long line;         /* from 1; 0 when unknown */
  long column;       /* from 1; 0 when unknown */
  char message[256]; /* libxml2's words, with names of elements but without text of the document */
} cxml_parse_problem;

/* Fills `buffer` with at most `count` bytes; returns how many, 0 at the end, -1 when they cannot be had. */
typedef long (*cxml_read)(void *context, char *buffer, size_t count);

/* What happens on the way; every member may be NULL. Attributes are name and value in turn, ended by NULL; namespace
   declarations come first, as attributes. Names are written as in the document, with their prefix. */
typedef struct {
  void *context;
  void (*begin)(void *context, const char *name, const char *const *attributes);
  void (*text)(void *context, const char *bytes, size_t count);
  void (*end)(void *context);
} cxml_events;

/* Reads a document from front to back; memory does not grow with its length. */
cxml_parse_problem cxml_scan(cxml_read read, void *read_context, int depth_max, const cxml_events *events);

/* A whole document in memory. */
typedef struct cxml_document cxml_document;
/* Returns NULL with the reason in `*problem`. */
cxml_document *cxml_document_parse(const char *bytes, size_t count, int depth_max, cxml_parse_problem *problem);
void cxml_document_free(cxml_document *document);

void cxml_text_free(char *text);

/* A list of complaints, filled by the functions of cxml_xsd.h and cxml_xslt.h. */
typedef struct cxml_complaints cxml_complaints;
cxml_complaints *cxml_complaints_new(void);
void cxml_complaints_free(cxml_complaints *complaints);
size_t cxml_complaints_count(const cxml_complaints *complaints);
/* libxml2's words, unchecked: they may quote the document. */
const char *cxml_complaint_text(const cxml_complaints *complaints, size_t index);
/* Path of element names, or NULL. */
const char *cxml_complaint_path(const cxml_complaints *complaints, size_t index);
long cxml_complaint_line(const cxml_complaints *complaints, size_t index);
int cxml_complaint_number(const cxml_complaints *complaints, size_t index);

#endif
