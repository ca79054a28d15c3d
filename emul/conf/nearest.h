/* The candidate most like a word that is not known, for "did you mean". */
#ifndef MVPN_CONF_NEAREST_H
#define MVPN_CONF_NEAREST_H

#include <stddef.h>

/* text_nearest returns the candidate most like word (edit distance). */
const char *text_nearest(const char *word, const char *const *candidates, size_t count);

#endif
