/*
 * Style sheets: the built-in one (report.xsl, part of the program) and users' own. A style sheet
 * sees the document it is given and nothing else: no file, no network, no document type; the only
 * thing it can import is the built-in one, as STYLE_BUILT_IN.
 */
#ifndef MVPN_REPORTS_HTML_STYLE_H
#define MVPN_REPORTS_HTML_STYLE_H

#include "emul/base/err.h"

#include <libxml/tree.h>
#include <stdio.h>

#define STYLE_BUILT_IN "mvpnbench:report.xsl"

/* style_apply writes what the style sheet in the file path (NULL: the built-in one) makes of doc;
 * -1 with *err (ERR_USE for a style sheet that cannot be used). */
int style_apply(FILE *f, const char *path, xmlDoc *doc, struct err *err);

#endif
