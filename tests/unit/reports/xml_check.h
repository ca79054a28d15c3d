/*
 * What the tests of XML and HTML share: parsing, the schema, and trees whose every string is bad.
 */
#ifndef MVPN_TESTS_REPORTS_XML_CHECK_H
#define MVPN_TESTS_REPORTS_XML_CHECK_H

#include <jansson.h>
#include <libxml/tree.h>
#include <stdbool.h>

/* Markup, the end of a CDATA section, quotes, control characters, U+FFFE, U+FFFF, marks that turn
 * the direction of a text, and a long word. */
extern const char nasty[];

/* xml_parsed returns the document; the test fails if it is not well-formed. */
xmlDoc *xml_parsed(const char *text);

/* xml_is_valid tells whether doc is valid after reports/report.xsd; says why not if loud. */
bool xml_is_valid(xmlDoc *doc, bool loud);

/* with_strings returns a copy of v in which every string is text, and every key of objects without
 * fixed keys as well; a new reference. */
json_t *with_strings(const json_t *v, const char *text);

#endif
