/*
 * From blocks at points to loss and delay between them (DESIGN B.8): each segment, and end to end
 * from the tree's root to each of its leaves. Blocks are paired by number; one is discarded, and
 * said, when clocks and delay leave no interval in which it could be counted (guard band, RFC 9341
 * 5) or when its packets cannot be told from those of the block two away.
 */
#ifndef MVPN_MARKING_SEGMENTS_H
#define MVPN_MARKING_SEGMENTS_H

#include "monitor/marking/blocks.h"

#include <jansson.h>

/* segments_json returns {"flows": [...]}; points in the order of the config, settled; inverted as
 * in blocks_settle. */
json_t *segments_json(const struct marking_config *c, const struct point_blocks *points,
                      bool inverted);

#endif
