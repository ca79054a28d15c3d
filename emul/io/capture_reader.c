#include "emul/base/mem.h"
#include "emul/io/capture.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

struct capture_reader {
    pcap_t *pcap;
    char *path;
    uint64_t frames;
};

/* libpcap begins some of its messages with the path and some not. */
static const char *without_path(const char *text, const char *path)
{
    size_t n = strlen(path);
    if (strncmp(text, path, n) == 0 && strncmp(text + n, ": ", 2) == 0)
        return text + n + 2;
    return text;
}

struct capture_reader *capture_reader_open(const char *path, struct err *err)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    pcap_t *pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, why);
    if (pcap == NULL) {
        err_set(err, ERR_USE, "%s: %s", path, without_path(why, path));
        return NULL;
    }
    if (pcap_datalink(pcap) != DLT_EN10MB) {
        const char *name = pcap_datalink_val_to_name(pcap_datalink(pcap));
        err_set(err, ERR_USE, "%s: link type %s; only Ethernet captures can be read", path,
                name != NULL ? name : "unknown");
        pcap_close(pcap);
        return NULL;
    }
    struct capture_reader *r = mem_zalloc(1, sizeof(*r));
    r->pcap = pcap;
    r->path = mem_strdup(path);
    return r;
}

int capture_reader_next(struct capture_reader *r, const uint8_t **frame, size_t *len,
                        struct instant *at, struct err *err)
{
    struct pcap_pkthdr *head;
    const u_char *bytes;
    int got = pcap_next_ex(r->pcap, &head, &bytes);
    if (got == PCAP_ERROR_BREAK)
        return 0;
    r->frames++;
    if (got != 1) {
        err_set(err, ERR_USE, "%s: frame %llu: %s", r->path, (unsigned long long)r->frames,
                without_path(pcap_geterr(r->pcap), r->path));
        return -1;
    }
    *frame = bytes;
    *len = head->caplen;
    /* The precision asked for above makes tv_usec nanoseconds. */
    *at = (struct instant){(int64_t)head->ts.tv_sec * NS_PER_S + head->ts.tv_usec};
    return 1;
}

void capture_reader_close(struct capture_reader *r)
{
    if (r == NULL)
        return;
    pcap_close(r->pcap);
    free(r->path);
    free(r);
}
