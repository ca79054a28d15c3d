/*
 * The order of firmware versions as people write them: numbers in a name count as numbers, a
 * pre-release stands before what it becomes. It is total: equal only for equal strings.
 */
#ifndef MVPN_HISTORY_VERSION_H
#define MVPN_HISTORY_VERSION_H

/*
 * version_compare returns below, above or 0 like strcmp. Names are compared piece by piece, a piece
 * being a run of digits or of anything else: "7.9" < "7.10", "21.4R3" < "21.4R3-S2". Where one name
 * has ended, "-rc", "-beta", "-alpha", "-pre", "-dev" and "~" (any separator, any case) of the
 * other stand before the end and everything else behind it: "7.5.2-rc1" < "7.5.2" < "7.5.2a".
 */
int version_compare(const char *a, const char *b);

#endif
