/* One frame of every kind that the emulation sends, made by our encoders. */
#ifndef MVPN_TESTS_FRAMES_H
#define MVPN_TESTS_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX  1600
#define FRAMES_MAX 64

struct frame {
    const char *name;
    const char *protocols; /* as tshark's frame.protocols says */
    size_t len;
    uint8_t bytes[FRAME_MAX];
};

/* frames_build fills list (of FRAMES_MAX) and returns the count. */
size_t frames_build(struct frame *list);

#endif
