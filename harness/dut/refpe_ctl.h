/*
 * Configuring and reading the reference PE: from an instance's numbers to the commands that set it
 * up, and the same as JSON lines over a local socket when the PE is a process of its own. A request
 * is {"do": "configure" | "unconfigure" | "neighbours" | "window_begin" | "view" | "stimulus" |
 * "health", ...},
 * its answer {"ok": true, ...} or {"error": TEXT}.
 */
#ifndef MVPN_DUT_REFPE_CTL_H
#define MVPN_DUT_REFPE_CTL_H

#include "emul/loop/loop.h"
#include "emul/refpe/refpe.h"
#include "mvpnbench/dut.h"

#include <jansson.h>

/* refpe_ctl_configure sets the PE up for an instance and takes it into service. */
int refpe_ctl_configure(struct refpe *pe, const struct instance_spec *spec, struct err *err);

/* refpe_ctl_stimulus carries out one half of a stimulus that is the PE's own; -1 with *err. */
int refpe_ctl_stimulus(struct refpe *pe, enum stimulus s, bool recovery_action, struct err *err);

/* refpe_ctl_view reads everything that the PE shows. */
void refpe_ctl_view(const struct refpe *pe, struct dut_view *out);

/* refpe_ctl_deviations calls add for what the reference PE does not do as the draft has it. */
void refpe_ctl_deviations(void (*add)(void *arg, const char *text), void *arg);

/* The numbers of an instance and a view as JSON and back; reading returns false on nonsense. */
json_t *refpe_ctl_spec_json(const struct instance_spec *spec);
bool refpe_ctl_spec_read(const json_t *json, struct instance_spec *out);
json_t *refpe_ctl_view_json(const struct dut_view *view);
bool refpe_ctl_view_read(const json_t *json, struct dut_view *out);

/* The server: listens at path, serves one client, stops the loop when that one goes away. */
struct refpe_ctl_server;
struct refpe_ctl_server *refpe_ctl_listen(struct loop *loop, struct refpe *pe, const char *path,
                                          struct err *err);
bool refpe_ctl_has_client(const struct refpe_ctl_server *s);
void refpe_ctl_server_free(struct refpe_ctl_server *s);

/* refpe_ctl_connect returns a descriptor, or -1 (no server yet: *err is left alone). */
int refpe_ctl_connect(const char *path);

/* refpe_ctl_ask sends a request (reference taken) and waits for the answer: a new reference, or
 * NULL with *err. */
json_t *refpe_ctl_ask(int fd, json_t *request, struct err *err);

#endif
