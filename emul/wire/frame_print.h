/* A whole Ethernet frame as text, for `mvpnbench decode` and for messages of tests. */
#ifndef MVPN_WIRE_FRAME_PRINT_H
#define MVPN_WIRE_FRAME_PRINT_H

#include "emul/base/instant.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * frame_print writes a line with time and length, then a line for each layer, packets inside GRE
 * and Registers included (indented). What cannot be decoded is named with its error and its offset
 * from the beginning of the frame.
 */
void frame_print(FILE *f, const uint8_t *frame, size_t len, struct instant at);

#endif
