#include "tests/unit/reports/picture.h"

#include "reports/svg.h"
#include "tests/unit/cu.h"

#include <ctype.h>
#include <libxml/parser.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every absolute coordinate of a path lies in the picture. */
static void check_path(const char *d, double width, double height)
{
    char command = 0;
    bool second = false;
    for (const char *at = d; *at != '\0';) {
        char *end;
        double v = strtod(at, &end);
        if (end == at) {
            command = isalpha((unsigned char)*at) ? *at : command;
            second = isalpha((unsigned char)*at) ? false : second;
            at++;
            continue;
        }
        bool vertical = command == 'V' || (second && command != 'H');
        if (isupper((unsigned char)command)) {
            CU_ASSERT(v >= -6 && v <= (vertical ? height : width) + 6);
        }
        second = !second;
        at = end;
    }
}

static void check_inside(const struct drawn *d)
{
    xmlNode *root = xmlDocGetRootElement(d->doc), *node;
    double x, y, width, height;
    xmlChar *box = xmlGetProp(root, BAD_CAST "viewBox");
    CU_ASSERT_EQUAL_FATAL(sscanf((const char *)box, "%lf %lf %lf %lf", &x, &y, &width, &height), 4);
    CU_ASSERT(width == SVG_WIDTH && height > 200 && height < 600);
    xmlFree(box);
    for (size_t n = 0; (node = drawn_node(d, "path", NULL, n)) != NULL; n++) {
        xmlChar *path = xmlGetProp(node, BAD_CAST "d");
        check_path((const char *)path, width, height);
        xmlFree(path);
    }
    for (size_t n = 0; (node = drawn_node(d, "text", NULL, n)) != NULL; n++) {
        CU_ASSERT(drawn_attribute(node, "x") >= 0 && drawn_attribute(node, "x") <= width);
        CU_ASSERT(drawn_attribute(node, "y") >= 0 && drawn_attribute(node, "y") <= height);
    }
}

struct drawn drawn_of(const struct report_graph *g)
{
    struct drawn d = {0};
    FILE *f = open_memstream(&d.text, &d.len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    svg_graph(f, g);
    CU_ASSERT_EQUAL(fclose(f), 0);
    d.doc = xmlReadMemory(d.text, (int)d.len, "graph.svg", NULL, XML_PARSE_NONET);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d.doc);
    CU_ASSERT_STRING_EQUAL(xmlDocGetRootElement(d.doc)->name, "svg");
    check_inside(&d);
    return d;
}

void drawn_free(struct drawn *d)
{
    xmlFreeDoc(d->doc);
    free(d->text);
}

static xmlNode *find(xmlNode *node, const char *name, const char *class, size_t *n)
{
    for (; node != NULL; node = node->next) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        xmlChar *is = xmlGetProp(node, BAD_CAST "class");
        bool right = strcmp((const char *)node->name, name) == 0 &&
                     (class == NULL || (is != NULL && strcmp((const char *)is, class) == 0));
        xmlFree(is);
        if (right && (*n)-- == 0)
            return node;
        xmlNode *below = find(node->children, name, class, n);
        if (below != NULL)
            return below;
    }
    return NULL;
}

xmlNode *drawn_node(const struct drawn *d, const char *name, const char *class, size_t n)
{
    return find(xmlDocGetRootElement(d->doc), name, class, &n);
}

double drawn_attribute(const xmlNode *node, const char *name)
{
    xmlChar *text = xmlGetProp(node, BAD_CAST name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    char *end;
    double v = strtod((const char *)text, &end);
    CU_ASSERT(*end == '\0');
    xmlFree(text);
    return v;
}

xmlNode *drawn_text(const struct drawn *d, const char *content)
{
    xmlNode *node;
    for (size_t n = 0; (node = drawn_node(d, "text", NULL, n)) != NULL; n++) {
        xmlChar *text = xmlNodeGetContent(node);
        bool same = strcmp((const char *)text, content) == 0;
        xmlFree(text);
        if (same)
            return node;
    }
    return NULL;
}

char *drawn_path(const struct drawn *d, const char *class, size_t n)
{
    xmlNode *node = drawn_node(d, "path", class, n);
    CU_ASSERT_PTR_NOT_NULL_FATAL(node);
    return (char *)xmlGetProp(node, BAD_CAST "d");
}

size_t drawn_ticks(const struct drawn *d, size_t axis, double *value, double *place, size_t cap)
{
    xmlNode *group = drawn_node(d, "g", "ticks", axis);
    size_t count = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(group);
    for (xmlNode *t = group->children; t != NULL && count < cap; t = t->next) {
        if (t->type != XML_ELEMENT_NODE)
            continue;
        xmlChar *text = xmlNodeGetContent(t);
        char *end;
        value[count] = strtod((const char *)text, &end);
        static const char letters[] = "kMGT";
        const char *letter = *end == '\0' ? NULL : strchr(letters, *end);
        if (letter != NULL)
            value[count] *= pow(1000, (double)(letter - letters + 1));
        xmlFree(text);
        /* A label stands a third of its height below its line. */
        place[count++] = axis == 1 ? drawn_attribute(t, "x") : drawn_attribute(t, "y") - 5.25;
    }
    return count;
}

double drawn_place(const struct drawn *d, size_t axis, double value)
{
    double v[32], at[32];
    size_t n = drawn_ticks(d, axis, v, at, 32);
    CU_ASSERT_FATAL(n >= 2);
    return at[0] + (value - v[0]) * (at[n - 1] - at[0]) / (v[n - 1] - v[0]);
}
