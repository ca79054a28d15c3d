#include "tests/unit/reports/xml_check.h"

#include "tests/unit/cu.h"

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

const char nasty[] =
    "<script>alert(1)</script> ]]> \"'` & &amp; &#0; --> <!-- <?x ?> \x01\x1b[2J\x7f "
    "\xef\xbf\xbe\xef\xbf\xbf \xe2\x80\xae\xe2\x80\x8f \r\n\t javascript:alert(1) "
    "wordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordword";

xmlDoc *xml_parsed(const char *text)
{
    xmlDoc *doc = xmlReadMemory(text, (int)strlen(text), "report.xml", NULL, XML_PARSE_NONET);
    CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
    return doc;
}

static void quiet(void *context, xmlErrorPtr error)
{
    (void)context;
    (void)error;
}

bool xml_is_valid(xmlDoc *doc, bool loud)
{
    xmlSchemaParserCtxt *parser = xmlSchemaNewParserCtxt("reports/report.xsd");
    xmlSchema *schema = xmlSchemaParse(parser);
    CU_ASSERT_PTR_NOT_NULL_FATAL(schema);
    xmlSchemaValidCtxt *context = xmlSchemaNewValidCtxt(schema);
    if (!loud)
        xmlSchemaSetValidStructuredErrors(context, quiet, NULL);
    bool valid = xmlSchemaValidateDoc(context, doc) == 0;
    xmlSchemaFreeValidCtxt(context);
    xmlSchemaFree(schema);
    xmlSchemaFreeParserCtxt(parser);
    return valid;
}

static json_t *object_with_strings(const json_t *v, const char *text)
{
    json_t *copy = json_object();
    const char *key;
    json_t *item;
    size_t n = 0;
    json_object_foreach((json_t *)(uintptr_t)v, key, item)
    {
        char name[1024];
        bool data = strcmp(key, "parameters") == 0 || strcmp(key, "where") == 0 ||
                    strcmp(key, "extra") == 0;
        json_t *value = with_strings(item, text);
        if (data && json_is_object(value)) {
            (void)snprintf(name, sizeof(name), "%s %zu", text, n++);
            json_object_set_new(value, name, json_string(text));
        }
        json_object_set_new(copy, key, value);
    }
    return copy;
}

json_t *with_strings(const json_t *v, const char *text)
{
    if (json_is_string(v))
        return json_string(text);
    if (json_is_object(v))
        return object_with_strings(v, text);
    if (!json_is_array(v))
        return json_deep_copy(v);
    json_t *copy = json_array();
    for (size_t i = 0; i < json_array_size(v); i++)
        json_array_append_new(copy, with_strings(json_array_get(v, i), text));
    return copy;
}
