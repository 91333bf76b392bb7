#ifndef CXML_XSLT_H
#define CXML_XSLT_H
#endif
