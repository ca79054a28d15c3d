#include "reports/xml_write.h"

#include "emul/base/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* How many bytes a character that begins with c has, by its first byte alone; 0: none begins so. */
static size_t length_of(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c < 0xe0)
        return 2;
    if (c >= 0xe0 && c < 0xf0)
        return 3;
    return c >= 0xf0 && c < 0xf5 ? 4 : 0;
}

/* XML 1.0, production 2 (Char), beyond ASCII. */
static bool is_char(uint32_t c, size_t n)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    return c >= least[n] && c <= 0x10ffff && !(c >= 0xd800 && c < 0xe000) && c != 0xfffe &&
           c != 0xffff;
}

/* char_at returns the length of the character at p that XML can carry, or 0. */
static size_t char_at(const char *p)
{
    unsigned char c = (unsigned char)*p;
    size_t n = length_of(c);
    if (n == 1)
        return c >= 0x20 || c == '\t' || c == '\n' || c == '\r' ? 1 : 0;
    uint32_t v = n == 2 ? c & 0x1f : n == 3 ? c & 0x0f : c & 0x07;
    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)p[i] & 0xc0) != 0x80)
            return 0;
        v = v << 6 | ((unsigned char)p[i] & 0x3f);
    }
    return n > 0 && is_char(v, n) ? n : 0;
}

/* How many bytes of p, which begins no character, go under one replacement. */
static size_t broken_at(const char *p)
{
    size_t n = 1, most = length_of((unsigned char)*p);
    while (n < most && ((unsigned char)p[n] & 0xc0) == 0x80)
        n++;
    return n;
}

static bool is_clean(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text += n) {
        if ((n = char_at(text)) == 0)
            return false;
    }
    return true;
}

char *xml_clean(const char *text)
{
    char *clean = mem_zalloc(strlen(text) * (sizeof(REPLACEMENT) - 1) + 1, 1);
    char *to = clean;
    while (*text != '\0') {
        size_t n = char_at(text);
        if (n > 0) {
            memcpy(to, text, n);
            to += n;
            text += n;
        } else {
            memcpy(to, REPLACEMENT, sizeof(REPLACEMENT) - 1);
            to += sizeof(REPLACEMENT) - 1;
            text += broken_at(text);
        }
    }
    return clean;
}

void xml_open(xmlTextWriter *w, const char *element)
{
    (void)xmlTextWriterStartElement(w, BAD_CAST element);
}

void xml_close(xmlTextWriter *w)
{
    (void)xmlTextWriterEndElement(w);
}

void xml_attribute(xmlTextWriter *w, const char *name, const char *text)
{
    char *clean = is_clean(text) ? NULL : xml_clean(text);
    (void)xmlTextWriterWriteAttribute(w, BAD_CAST name, BAD_CAST(clean == NULL ? text : clean));
    free(clean);
}

void xml_text(xmlTextWriter *w, const char *text)
{
    if (*text == '\0') /* the writer would open the element and close it again */
        return;
    char *clean = is_clean(text) ? NULL : xml_clean(text);
    (void)xmlTextWriterWriteString(w, BAD_CAST(clean == NULL ? text : clean));
    free(clean);
}

void xml_element(xmlTextWriter *w, const char *element, const char *text)
{
    xml_open(w, element);
    xml_text(w, text);
    xml_close(w);
}

void xml_root(xmlTextWriter *w)
{
    xml_open(w, "report");
    xml_attribute(w, "xmlns", XML_NAMESPACE);
    xml_attribute(w, "xmlns:xsi", XML_NAMESPACE_XSI);
    xml_attribute(w, "version", "1");
}
