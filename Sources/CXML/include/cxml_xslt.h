/* XSLT 1.0 with EXSLT (common, math, sets, functions, strings, dates) by libxslt. Nothing outside can be read or
   written; the clock and random numbers are out of reach. A stylesheet belongs to one thread at a time. */
#ifndef CXML_XSLT_H
#define CXML_XSLT_H

#include "cxml_parse.h"

typedef struct cxml_stylesheet cxml_stylesheet;

/* Compiles a stylesheet; takes the document over. Returns NULL with at least one complaint. */
cxml_stylesheet *cxml_stylesheet_compile(cxml_document *document, cxml_complaints *complaints);
void cxml_stylesheet_free(cxml_stylesheet *stylesheet);

/* What xsl:output says; NULL where it says nothing. */
const char *cxml_stylesheet_method(const cxml_stylesheet *stylesheet);
const char *cxml_stylesheet_media_type(const cxml_stylesheet *stylesheet);
const char *cxml_stylesheet_encoding(const cxml_stylesheet *stylesheet);

typedef struct {
  char *bytes; /* freed with cxml_text_free */
  size_t count;
  int is_html;  /* the result became HTML by its root element */
  int messages; /* how often xsl:message spoke */
} cxml_run_output;

/* Transforms a document, which may lose white space by it. `parameters` are names and string values in turn, ended by
   NULL. Returns 1, or 0 when there is no result. */
int cxml_stylesheet_run(
  cxml_stylesheet *stylesheet, cxml_document *document, const char *const *parameters, cxml_complaints *complaints,
  cxml_run_output *output);

#endif
