/*
 * Texts of a picture: escaped for XML, and how wide they will be. Nobody here has the font, so
 * widths are estimates on the wide side.
 */
#ifndef MVPN_REPORTS_SVG_TEXT_H
#define MVPN_REPORTS_SVG_TEXT_H

#include <stddef.h>
#include <stdio.h>

#define SVG_FONT 15.0 /* units */

/* svg_escape writes text as character data or attribute value; what XML cannot hold (control
 * characters, broken UTF-8) becomes U+FFFD. */
void svg_escape(FILE *f, const char *text);

/* svg_text_width estimates how many units text is wide. */
double svg_text_width(const char *text);

/* svg_text_fit returns a copy of text, cut with an ellipsis to at most width units; the caller
 * frees. */
char *svg_text_fit(const char *text, double width);

/* svg_id_print writes id with '-' for what an id cannot hold; it begins with a letter. */
void svg_id_print(FILE *f, const char *id);

#endif
