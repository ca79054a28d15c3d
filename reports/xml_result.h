/*
 * The result tree as XML, without loss: a key of result.json with a fixed meaning is an element of
 * that name, keys that are values themselves (variables, parameters) and keys of later versions
 * are <value>, <group> or <list> with the key as an attribute. reports/report.xsd is its schema.
 */
#ifndef MVPN_REPORTS_XML_RESULT_H
#define MVPN_REPORTS_XML_RESULT_H

#include "reports/xml_write.h"

#include <jansson.h>

/* xml_result writes <result>. */
void xml_result(xmlTextWriter *w, const json_t *result);

#endif
