/*
 * Writing XML through libxml2's xmlTextWriter: what is streamed to a file and what becomes a tree
 * for a style sheet is written by the same calls. Texts may hold anything: what XML cannot carry
 * (control characters, U+FFFE, U+FFFF, broken UTF-8) becomes U+FFFD. Errors of the writer are seen
 * where the document ends.
 */
#ifndef MVPN_REPORTS_XML_WRITE_H
#define MVPN_REPORTS_XML_WRITE_H

#include <libxml/xmlwriter.h>

#define XML_NAMESPACE     "urn:mvpnbench:report:1"
#define XML_NAMESPACE_XSI "http://www.w3.org/2001/XMLSchema-instance"
#define XML_NAMESPACE_SVG "http://www.w3.org/2000/svg"

/* xml_clean returns text with everything XML cannot carry replaced; the caller frees. */
char *xml_clean(const char *text);

void xml_open(xmlTextWriter *w, const char *element);
void xml_close(xmlTextWriter *w);
void xml_attribute(xmlTextWriter *w, const char *name, const char *text);
void xml_text(xmlTextWriter *w, const char *text);

/* xml_element writes an element with nothing but text in it. */
void xml_element(xmlTextWriter *w, const char *element, const char *text);

/* xml_root opens <report> with its name spaces; the document has been started by the caller. */
void xml_root(xmlTextWriter *w);

#endif
