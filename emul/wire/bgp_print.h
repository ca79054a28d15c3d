/* BGP messages of a TCP segment as text, for `mvpnbench decode`. */
#ifndef MVPN_WIRE_BGP_PRINT_H
#define MVPN_WIRE_BGP_PRINT_H

#include "emul/wire/bgp.h"

/*
 * bgp_segment_print writes a line, indented by that many blanks, for each message that begins in
 * the payload and is whole in it. Segments are not put together: of a message that is cut it says
 * that it goes on in the next segment, and a payload that does not begin with a header is said to
 * continue an earlier one. What is wrong with a message is named, and what RFC 7606 does about it.
 */
void bgp_segment_print(FILE *f, const uint8_t *payload, size_t len, unsigned indent);

#endif
