/* A set of hosts on a virtual clock whose messages are kept with their time. */
#ifndef MVPN_TESTS_IGMP_FAKE_H
#define MVPN_TESTS_IGMP_FAKE_H

#include "emul/base/addr.h"
#include "emul/proto/igmp/host.h"

#define FAKE_MESSAGES 4096
#define FAKE_RECORDS  200
#define FAKE_GROUP    IP4(225, 1, 0, 0) /* membership ix is group FAKE_GROUP + ix */

struct fake_record {
    uint8_t type;
    ip4_t group;
    uint16_t source_count;
    ip4_t source[4];
};

struct fake_message {
    struct instant at;
    uint32_t host;
    ip4_t dst;
    uint8_t type;
    ip4_t group;    /* version 1 and 2 */
    unsigned count; /* version 3: records */
    struct fake_record record[FAKE_RECORDS];
};

struct fake {
    struct loop *loop;
    struct igmp_hosts *set;
    uint32_t count; /* memberships a host */
    ip4_t sources[4];
    uint16_t source_count; /* of every membership; 0: any source */
    bool down;
    size_t sent;
    struct fake_message *log;
};

/* fake_new makes hosts with count memberships each; spacing 100 ms. */
struct fake *fake_new(uint8_t version, uint32_t hosts, uint32_t count);
void fake_free(struct fake *f);

/* fake_run lets time pass; fake_clear forgets what was sent. */
void fake_run(struct fake *f, double seconds);
void fake_clear(struct fake *f);

/* fake_join_all joins everything on a host at once. */
void fake_join_all(struct fake *f, uint32_t host);

/* fake_query sends a query of that version to a host; group 0: general. */
void fake_query(struct fake *f, uint32_t host, uint8_t version, ip4_t group, uint32_t max_resp_ms);

/* fake_query_sources is a group-and-source-specific query of version 3. */
void fake_query_sources(struct fake *f, uint32_t host, ip4_t group, const ip4_t *sources,
                        uint16_t count, uint32_t max_resp_ms);

/* fake_sent counts messages of a type since fake_clear, fake_records records of a type. */
size_t fake_sent(const struct fake *f, uint8_t type);
size_t fake_records(const struct fake *f, uint8_t type);

double fake_seconds(struct instant t);

#endif
