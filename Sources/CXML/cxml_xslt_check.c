#include "cxml_xslt_check.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *const xslt_uri = "http://www.w3.org/1999/XSL/Transform";
static const char *const date_uri = "http://exslt.org/dates-and-times";

static void complain(xmlNodePtr node, cxml_complaints *complaints, const char *format, const char *word) {
  char text[256];
  snprintf(text, sizeof text, format, word);
  cxml_complain(complaints, text, NULL, xmlGetLineNo(node), 0);
}

static int has_uri(xmlNodePtr node, const char *uri) {
  return node->ns != NULL && strcmp((const char *)node->ns->href, uri) == 0;
}

static int among(const char *word, const char *const *words) {
  for (; *words != NULL; words++)
    if (strcmp(word, *words) == 0) return 1;
  return 0;
}

static void check_element(xmlNodePtr node, cxml_complaints *complaints) {
  static const char *const loading[] = {"import", "include", NULL};
  static const char *const writing[] = {"document", "output", "write", "result-document", NULL};
  const char *name = (const char *)node->name;
  if (has_uri(node, xslt_uri)) {
    if (among(name, loading))
      complain(node, complaints, "xsl:%s is not allowed: a stylesheet is one file", name);
    else if (strcmp(name, "document") == 0 || strcmp(name, "result-document") == 0)
      complain(node, complaints, "xsl:%s is not allowed: a stylesheet writes nothing but its result", name);
    return;
  }
  if (node->ns == NULL || !among(name, writing)) return;
  const char *uri = (const char *)node->ns->href;
  if (strncmp(uri, "http://icl.com/saxon", 20) == 0 || strncmp(uri, "org.apache.xalan", 16) == 0 ||
      strncmp(uri, "http://www.jclark.com/xt", 24) == 0 || strcmp(uri, "http://exslt.org/common") == 0)
    complain(node, complaints, "the element %s is not allowed: a stylesheet writes nothing but its result", name);
}

static void check_call(xmlNodePtr node, const char *prefix, const char *name, int no_arguments,
                       cxml_complaints *complaints) {
  static const char *const clock[] = {"date-time", "date", "time", "year", "leap-year", "month-in-year", "month-name",
    "month-abbreviation", "week-in-year", "week-in-month", "day-in-year", "day-in-month", "day-of-week-in-month",
    "day-in-week", "day-name", "day-abbreviation", "hour-in-day", "minute-in-hour", "second-in-minute", "seconds",
    NULL};
  if (prefix[0] == 0) {
    if (strcmp(name, "document") == 0)
      complain(node, complaints, "%s() is not allowed: a stylesheet sees nothing but its input", name);
    return;
  }
  xmlNsPtr space = xmlSearchNs(node->doc, node, BAD_CAST prefix);
  const char *uri = space != NULL ? (const char *)space->href : "";
  if (strcmp(uri, date_uri) == 0 && no_arguments && among(name, clock))
    complain(node, complaints, "%s() without an argument reads the clock: use the parameter `now`", name);
  else if (strcmp(uri, "http://exslt.org/math") == 0 && strcmp(name, "random") == 0)
    complain(node, complaints, "%s() is not allowed: the same input must give the same result", name);
  else if (strcmp(name, "evaluate") == 0)
    complain(node, complaints, "%s() is not allowed: expressions must be known when the stylesheet is checked", name);
}

static int is_name_byte(char byte) {
  return isalnum((unsigned char)byte) || byte == '-' || byte == '_' || byte == '.' || (unsigned char)byte >= 0x80;
}

static const char *copy_name(const char *at, const char *end, char *name, size_t room) {
  size_t count = 0;
  for (; at < end && is_name_byte(*at); at++)
    if (count + 1 < room) name[count++] = *at;
  name[count] = 0;
  return at;
}

/* Finds the function calls of an XPath expression: a name, perhaps with a prefix, and a bracket. */
static void check_expression(xmlNodePtr node, const char *at, const char *end, cxml_complaints *complaints) {
  while (at < end) {
    if (*at == '"' || *at == '\'') {
      const char *closing = memchr(at + 1, *at, (size_t)(end - at - 1));
      at = closing != NULL ? closing + 1 : end;
      continue;
    }
    if (!is_name_byte(*at)) {
      at++;
      continue;
    }
    char prefix[64] = "", name[64];
    at = copy_name(at, end, name, sizeof name);
    if (at + 1 < end && at[0] == ':' && is_name_byte(at[1])) {
      memcpy(prefix, name, sizeof prefix);
      at = copy_name(at + 1, end, name, sizeof name);
    }
    const char *next = at;
    while (next < end && isspace((unsigned char)*next)) next++;
    if (next >= end || *next != '(') continue;
    for (next++; next < end && isspace((unsigned char)*next); next++) continue;
    check_call(node, prefix, name, next < end && *next == ')', complaints);
  }
}

/* The expressions between braces of an attribute value template. */
static void check_template(xmlNodePtr node, const char *text, cxml_complaints *complaints) {
  for (const char *at = strchr(text, '{'); at != NULL; at = strchr(at, '{')) {
    if (at[1] == '{') {
      at += 2;
      continue;
    }
    const char *end = strchr(at, '}');
    if (end == NULL) return;
    check_expression(node, at + 1, end, complaints);
    at = end + 1;
  }
}

static void check_attributes(xmlNodePtr node, cxml_complaints *complaints) {
  static const char *const expressions[] = {"select", "test", "match", "use", "count", "from", "value", NULL};
  for (xmlAttrPtr attribute = node->properties; attribute != NULL; attribute = attribute->next) {
    xmlChar *value = xmlNodeListGetString(node->doc, attribute->children, 1);
    if (value == NULL) continue;
    const char *text = (const char *)value;
    if (node->ns != NULL && attribute->ns == NULL && among((const char *)attribute->name, expressions))
      check_expression(node, text, text + strlen(text), complaints);
    else
      check_template(node, text, complaints);
    xmlFree(value);
  }
}

static xmlNodePtr following(xmlNodePtr node) {
  if (node->children != NULL && node->type == XML_ELEMENT_NODE) return node->children;
  while (node != NULL && node->next == NULL) {
    node = node->parent;
    if (node != NULL && node->type != XML_ELEMENT_NODE) return NULL;
  }
  return node != NULL ? node->next : NULL;
}

void cxml_xslt_check(xmlDocPtr doc, cxml_complaints *complaints) {
  for (xmlNodePtr node = xmlDocGetRootElement(doc); node != NULL; node = following(node)) {
    if (node->type != XML_ELEMENT_NODE) continue;
    check_element(node, complaints);
    check_attributes(node, complaints);
  }
}
