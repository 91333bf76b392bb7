#ifndef CXML_XSLT_CHECK_H
#define CXML_XSLT_CHECK_H

#include "cxml_inside.h"

/* Complains about everything in a stylesheet that would reach outside or depend on the clock or on chance: import,
   include, elements that write files, document(), random(), the clock forms of EXSLT dates, dynamic evaluation. */
void cxml_xslt_check(xmlDocPtr doc, cxml_complaints *complaints);

#endif
