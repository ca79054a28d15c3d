/*
 * Capture files: pcap with nanoseconds, Ethernet. One file a port holds both directions, in the
 * order of time: the writer keeps a frame back until no earlier one can come (a received frame may
 * carry a kernel timestamp slightly older than a sent one), so time never goes back in the file.
 */
#ifndef MVPN_IO_CAPTURE_H
#define MVPN_IO_CAPTURE_H

#include "emul/base/err.h"
#include "emul/base/instant.h"

#include <stddef.h>
#include <stdint.h>

struct capture;

/*
 * capture_open creates the file at path (keep_bytes 0), or cuts an existing one to keep_bytes and
 * goes on behind them (a resumed run drops the frames of the instance that was cut short). NULL
 * with *err filled in.
 */
struct capture *capture_open(const char *path, uint64_t keep_bytes, struct err *err);

/* capture_bytes returns the size of the file after the last capture_sync, for the journal. */
uint64_t capture_bytes(const struct capture *c);

/* capture_frame records one frame seen at the instant at. */
void capture_frame(struct capture *c, const uint8_t *frame, size_t len, struct instant at);

/* capture_sync writes out everything held back (end of an instance); -1 when the disk says no. */
int capture_sync(struct capture *c);

/* capture_pause and capture_resume leave frames out (floor runs, calibration, health checks). */
void capture_pause(struct capture *c);
void capture_resume(struct capture *c);

/* capture_close syncs and closes; NULL is fine. Returns -1 if anything could not be written. */
int capture_close(struct capture *c);

struct capture_reader;

/* capture_reader_open opens a pcap file for reading; NULL with *err filled in. */
struct capture_reader *capture_reader_open(const char *path, struct err *err);

/*
 * capture_reader_next returns 1 and lends the next frame until the next call, 0 at the end, -1 with
 * *err (file and frame number) on a damaged file.
 */
int capture_reader_next(struct capture_reader *r, const uint8_t **frame, size_t *len,
                        struct instant *at, struct err *err);
void capture_reader_close(struct capture_reader *r);

#endif
