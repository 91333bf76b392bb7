#include "cxml_xslt.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cxml_inside.h"
#include "cxml_xslt_check.h"
#include <libexslt/exslt.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <libxslt/extensions.h>
#include <libxslt/functions.h>
#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/variables.h>
#include <libxslt/xsltInternals.h>
#include <libxslt/xsltutils.h>

struct cxml_stylesheet {
  xsltStylesheetPtr style;
};

/* MARK: errors. libxslt speaks through one global function while it compiles: so what it says goes to the list of the
   thread that compiles. An error comes in two calls, first its place, then its words; words that come without a place
   are an xsl:message. */

static _Thread_local struct {
  cxml_complaints *complaints;
  long line;
  int placed;
  int messages;
} hearing;

static void hear(void *context, const char *format, ...) {
  (void)context;
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (hearing.complaints == NULL) return;
  const char *line = strstr(text, " line ");
  if (strncmp(text, "compilation error", 17) == 0 || strncmp(text, "runtime error", 13) == 0 ||
      (strncmp(format, "%s: ", 4) == 0 && line != NULL)) {
    hearing.line = line != NULL ? atol(line + 6) : 0;
    hearing.placed = 1;
  } else if (hearing.placed) {
    text[strcspn(text, "\n")] = 0;
    cxml_complain(hearing.complaints, text, NULL, hearing.line, 0);
    hearing.placed = 0;
  } else if (strcmp(text, "\n") != 0) {
    hearing.messages += 1;
  }
}

static void begin_hearing(cxml_complaints *complaints) {
  memset(&hearing, 0, sizeof hearing);
  hearing.complaints = complaints;
  xmlSetStructuredErrorFunc(complaints, cxml_note_error);
}

static int end_hearing(void) {
  int messages = hearing.messages;
  memset(&hearing, 0, sizeof hearing);
  xmlSetStructuredErrorFunc(NULL, NULL);
  return messages;
}

/* MARK: set-up */

static xsltSecurityPrefsPtr nothing_allowed;

static void set_up_once(void) {
  cxml_setup();
  xsltInit();
  exsltCommonRegister();
  exsltMathRegister();
  exsltSetsRegister();
  exsltFuncRegister();
  exsltStrRegister();
  exsltDateRegister();
  xsltSetGenericErrorFunc(NULL, hear);
  nothing_allowed = xsltNewSecurityPrefs();
  if (nothing_allowed == NULL) abort();
  xsltSetSecurityPrefs(nothing_allowed, XSLT_SECPREF_READ_FILE, xsltSecurityForbid);
  xsltSetSecurityPrefs(nothing_allowed, XSLT_SECPREF_WRITE_FILE, xsltSecurityForbid);
  xsltSetSecurityPrefs(nothing_allowed, XSLT_SECPREF_CREATE_DIRECTORY, xsltSecurityForbid);
  xsltSetSecurityPrefs(nothing_allowed, XSLT_SECPREF_READ_NETWORK, xsltSecurityForbid);
  xsltSetSecurityPrefs(nothing_allowed, XSLT_SECPREF_WRITE_NETWORK, xsltSecurityForbid);
}

static void set_up(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, set_up_once);
}

/* MARK: compiling */

cxml_stylesheet *cxml_stylesheet_compile(cxml_document *document, cxml_complaints *complaints) {
  set_up();
  cxml_xslt_check(document->doc, complaints);
  xsltStylesheetPtr style = NULL;
  if (cxml_complaints_count(complaints) == 0) {
    begin_hearing(complaints);
    style = xsltParseStylesheetDoc(document->doc);
    end_hearing();
    if (style != NULL && (style->errors != 0 || cxml_complaints_count(complaints) > 0)) {
      xsltFreeStylesheet(style);
      style = NULL;
      document->doc = NULL;
    }
    if (style == NULL && cxml_complaints_count(complaints) == 0)
      cxml_complain(complaints, "not an XSLT 1.0 stylesheet", NULL, 0, 0);
  }
  if (style == NULL) {
    cxml_document_free(document);
    return NULL;
  }
  free(document); /* the tree belongs to the stylesheet now */
  cxml_stylesheet *stylesheet = calloc(1, sizeof *stylesheet);
  if (stylesheet == NULL) abort();
  stylesheet->style = style;
  return stylesheet;
}

void cxml_stylesheet_free(cxml_stylesheet *stylesheet) {
  if (stylesheet == NULL) return;
  xsltFreeStylesheet(stylesheet->style);
  free(stylesheet);
}

const char *cxml_stylesheet_method(const cxml_stylesheet *all) { return (const char *)all->style->method; }
const char *cxml_stylesheet_media_type(const cxml_stylesheet *all) { return (const char *)all->style->mediaType; }
const char *cxml_stylesheet_encoding(const cxml_stylesheet *all) { return (const char *)all->style->encoding; }

/* MARK: functions that must not answer as libxslt lets them */

static void refuse_call(xmlXPathParserContextPtr parser, int count) {
  (void)count;
  xmlXPathErr(parser, XPATH_UNKNOWN_FUNC_ERROR);
}

/* EXSLT dates read the clock when they are called without an argument. */
static void date_call(xmlXPathParserContextPtr parser, int count) {
  const xmlChar *name = parser->context->function;
  xmlXPathFunction own = count > 0 ? xsltExtModuleFunctionLookup(name, EXSLT_DATE_NAMESPACE) : NULL;
  if (own != NULL)
    own(parser, count);
  else
    xmlXPathErr(parser, XPATH_UNKNOWN_FUNC_ERROR);
}

static long position_among(xmlNodePtr node) {
  long position = 0;
  for (; node != NULL; node = node->prev) position++;
  return position;
}

/* libxslt makes ids of addresses, which differ from run to run. Elements of the input are numbered in document order
   before the run; everything else is named by where it hangs. */
static void write_id(xmlNodePtr node, char *text, size_t room) {
  char parent[400] = "";
  if (node->type == XML_ELEMENT_NODE && (ptrdiff_t)node->content < 0) {
    snprintf(text, room, "e%ld", -(long)(ptrdiff_t)node->content);
    return;
  }
  if (node->parent != NULL) write_id(node->parent, parent, sizeof parent);
  char kind = node->type == XML_ATTRIBUTE_NODE ? 'a' : node->parent == NULL ? 'd' : 'n';
  snprintf(text, room, "%s%c%ld", parent, kind, node->parent == NULL ? 0 : position_among(node));
}

static void generate_id(xmlXPathParserContextPtr parser, int count) {
  xsltTransformContextPtr run = xsltXPathGetTransformContext(parser);
  xmlNodePtr node = parser->context->node;
  xmlXPathObjectPtr argument = NULL;
  if (count == 1 && parser->value != NULL && parser->value->type == XPATH_NODESET) {
    argument = valuePop(parser);
    xmlNodeSetPtr set = argument->nodesetval;
    node = set != NULL && set->nodeNr > 0 ? set->nodeTab[0] : NULL;
    for (int i = 1; set != NULL && i < set->nodeNr; i++)
      if (xmlXPathCmpNodes(node, set->nodeTab[i]) == -1) node = set->nodeTab[i];
  } else if (count != 0) {
    return xsltGenerateIdFunction(parser, count);
  }
  if (node == NULL) {
    valuePush(parser, xmlXPathNewCString(""));
  } else if (node->type == XML_NAMESPACE_DECL || run == NULL || node->doc != run->initialContextDoc) {
    valuePush(parser, argument != NULL ? argument : xmlXPathNewNodeSet(node));
    argument = NULL;
    xsltGenerateIdFunction(parser, 1);
  } else {
    char id[512];
    write_id(node, id, sizeof id);
    valuePush(parser, xmlXPathNewCString(id));
  }
  xmlXPathFreeObject(argument);
}

static void tame(xsltTransformContextPtr run) {
  static const char *const clock[] = {"date-time", "date", "time", "year", "leap-year", "month-in-year", "month-name",
    "month-abbreviation", "week-in-year", "week-in-month", "day-in-year", "day-in-month", "day-of-week-in-month",
    "day-in-week", "day-name", "day-abbreviation", "hour-in-day", "minute-in-hour", "second-in-minute", "seconds",
    NULL};
  for (const char *const *name = clock; *name != NULL; name++)
    xsltRegisterExtFunction(run, BAD_CAST *name, EXSLT_DATE_NAMESPACE, date_call);
  xsltRegisterExtFunction(run, BAD_CAST "random", EXSLT_MATH_NAMESPACE, refuse_call);
  xmlXPathRegisterFunc(run->xpathCtxt, BAD_CAST "document", refuse_call);
  xmlXPathRegisterFunc(run->xpathCtxt, BAD_CAST "generate-id", generate_id);
  xsltSetCtxtSecurityPrefs(nothing_allowed, run);
  run->maxTemplateDepth = 1000;
}

/* MARK: running */

static int save(xmlDocPtr result, xsltStylesheetPtr style, cxml_run_output *output) {
  xmlChar *text = NULL;
  int count = 0;
  if (xsltSaveResultToString(&text, &count, result, style) != 0) return 0;
  output->bytes = malloc((size_t)count + 1);
  if (output->bytes == NULL) abort();
  if (count > 0) memcpy(output->bytes, text, (size_t)count);
  output->bytes[count] = 0;
  output->count = (size_t)count;
  output->is_html = result->type == XML_HTML_DOCUMENT_NODE;
  xmlFree(text);
  return 1;
}

int cxml_stylesheet_run(
  cxml_stylesheet *stylesheet, cxml_document *document, const char *const *parameters, cxml_complaints *complaints,
  cxml_run_output *output) {
  *output = (cxml_run_output){NULL, 0, 0, 0};
  xsltTransformContextPtr run = xsltNewTransformContext(stylesheet->style, document->doc);
  if (run == NULL) abort();
  begin_hearing(complaints);
  xsltSetTransformErrorFunc(run, NULL, hear);
  tame(run);
  xmlXPathOrderDocElems(document->doc);
  for (const char *const *each = parameters; *each != NULL; each += 2)
    xsltQuoteOneUserParam(run, BAD_CAST each[0], BAD_CAST each[1]);
  xmlDocPtr result = xsltApplyStylesheetUser(stylesheet->style, document->doc, NULL, NULL, NULL, run);
  int good = result != NULL && run->state == XSLT_STATE_OK && save(result, stylesheet->style, output);
  output->messages = end_hearing();
  if (result != NULL) xmlFreeDoc(result);
  xsltFreeTransformContext(run);
  return good;
}
