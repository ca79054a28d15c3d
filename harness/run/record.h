/* The JSON record of an instance, part by part, in the shape and order of DESIGN B.3. Everything
 * returns a new reference. */
#ifndef MVPN_RUN_RECORD_H
#define MVPN_RUN_RECORD_H

#include "harness/run/instance.h"

/* record_new starts a record with every key of B.3 in order, values null. */
json_t *record_new(const char *id);

/* record_parameters gives "parameters" of an instance. */
json_t *record_parameters(const struct instance_request *q);

/* record_failures lists failures (the first hundred) with names; null where a field is not meant.
 */
json_t *record_failures(const struct emul_failure *f, size_t count);

/* record_forwarding gives "forwarding" from a window, with the rate each flow was sent at. */
json_t *record_forwarding(const struct emul_window *w, const struct instance_spec *spec);

/* record_latency gives "latency_histogram" of one direction of the last window. */
json_t *record_latency(const struct emul *e, bool ingress);
json_t *record_utilisation(const struct dut_view *view);

/* record_relations gives "relations": each of the draft's relationships with both sides and whether
 * it holds (null: cannot be told). */
json_t *record_relations(const struct instance_request *q, const struct case_measure *m);

/* record_note adds text to notes[kind] once; kind is "configuration" or "procedure". */
void record_note(json_t *notes, const char *kind, const char *text);

/* record_notef is record_note with a format. */
void record_notef(json_t *notes, const char *kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
