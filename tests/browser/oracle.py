"""What the tables of a report must say, computed from result.json alone.

`tables(result)` gives, in the order of the page, each table as (kind, place, rows): place is the case and, where a
table is about one instance, its id; a row is a list of values as they stand in result.json: numbers, texts, True and
False, None for what was not measured, and ANY for words of the report's own. The program's walk is written in C;
nothing of it is used here.
"""
ANY = object()

METRIC = ["Num_mVPN", "Num_PE", "Num_MC_C_ints", "Num_PIM_C_neigh", "Num_*G_C", "Num_SG_C",
          "Num_OIF_C", "Num_SPMSI_Src", "Num_SPMSI_Rx"]
P_METRIC = ["Num_*G_P", "Num_SG_P", "Num_OIF_P"]
SYMBOLS = {"mvpns": "N", "c_interfaces": "c", "remote_pes": "R", "groups": "g", "sources_per_group": "s",
           "ingress_share": "share"}
KINDS = {"maximum", "maximum-metric", "maximum-recovery", "setup", "case-maximum", "grid", "spmsi_switch_delay",
         "join_convergence", "suppression", "metric", "p-instance", "relations", "s-pmsi", "switching-delay",
         "forwarding", "latency", "signalling", "utilisation", "figures", "convergence", "instants", "interrupted",
         "repeats", "neighbours-back", "instances", "failures", "marking-branches", "marking-blocks", "readings"}
DIRECTIONS = ["ingress", "egress"]
SHOWN_FAILURES, SHOWN_ROWS, SHOWN_COMPONENTS, SHOWN_PARAMETERS, LONGEST_TABLE = 5, 40, 64, 4, 1000


def at(value, *keys):
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def plain(value):
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def where(maximum):
    return ", ".join(f"{SYMBOLS.get(k, k)}={plain(v)}" for k, v in (maximum.get("where") or {}).items()) or None


def product(a, b):
    return a * b if isinstance(a, int) and isinstance(b, int) else None


def minus(a, b):
    return None if a is None or b is None else a - b


def instance_of(case, maximum):
    return next((i for i in case["instances"] if i["id"] == maximum["instance"]), None)


# ---- the summary --------------------------------------------------------------------------------


def same(a, b, *keys):
    return all(a.get(k) == b.get(k) for k in keys)


def stimuli_of(case, maximum):
    """The states in which one maximum holds; None where an earlier row has it."""
    alike = [m for m in case["maximum"] if same(m, maximum, "where", "searched", "value", "bounded_by")]
    if alike[0] is not maximum:
        return None
    return "steady, all stimuli" if len(alike) > 6 else ", ".join(m["stimulus"] for m in alike)


def worst(instance, stimulus):
    found = None
    for r in at(instance, "recovery") or []:
        if r["stimulus"] != stimulus:
            continue
        if r["verdict"] == "fail":
            return r
        if found is None or found["Trall-Tf"] is None or \
                (r["Trall-Tf"] is not None and r["Trall-Tf"] > found["Trall-Tf"]):
            found = r
    return found


def summary(result):
    maxima, metric, recovery = [], [], []
    for case in result["cases"]:
        for m in case["maximum"]:
            held = stimuli_of(case, m)
            if held is not None:
                maxima.append([case["case"], held, where(m), at(m, "searched", "name"), at(m, "searched", "value"),
                               m["variable"], m["value"], m["bounded_by"]])
            i = instance_of(case, m)
            if i is None:
                continue
            if m["stimulus"] == "steady":
                own, seen = i.get("metric") or {}, i.get("metric_apparatus") or {}
                metric.append([case["case"], where(m)] +
                              [seen.get(v) if own.get(v) is None else own[v] for v in METRIC])
            r = worst(i, m["stimulus"])
            if r is not None:
                recovery.append([case["case"], m["stimulus"], where(m), r["verdict"], r["Tre-Tf"], r["Trd-Tf"],
                                 r["Trall-Tf"], r["apparatus_floor_s"]])
    yield "maximum", None, maxima
    yield "maximum-metric", None, metric
    if any(i.get("recovery") for c in result["cases"] for i in c["instances"]):
        yield "maximum-recovery", None, recovery


# ---- a case -------------------------------------------------------------------------------------


def setup(case):
    first = (case["maximum"] or [{}])[0]
    dut, protocols = case["dut"], case["protocols"]
    return [[ANY, ANY, v] for v in (dut["driver"], dut["name"], dut["version"], at(first, "searched", "name"),
                                    first.get("variable"), protocols["mi_pmsi"], protocols["s_pmsi"],
                                    protocols["pe_pe"])]


def maxima(case):
    return [[m["stimulus"], where(m), at(m, "searched", "name"), at(m, "searched", "value"), m["value"],
             m["last_pass"], m["first_fail"], m["bounded_by"], m["verified"], m["instance"]]
            for m in case["maximum"]]


def grid(case):
    return [[m["stimulus"], where(m), at(m, "searched", "name"), at(m, "grid_maximum", "value"),
             at(m, "searched", "value")] for m in case["maximum"] if m.get("grid_maximum") is not None]


def measured(case, key, only_with=None):
    for i in case["instances"]:
        d = at(i, "extra", key)
        if isinstance(d, dict) and (only_with is None or only_with in d):
            yield i, d


def delays(case, key, only_with=None):
    return [[i["id"], at(i, "parameters", "mvpns"), at(i, "parameters", "mi_pmsi"), d.get("count"), d.get("min"),
             d.get("avg"), d.get("max"), d.get("resolution_s"), d.get("lost"), d.get("duplicate"), d.get("missing")]
            for i, d in measured(case, key, only_with)]


def suppression(case):
    return [[i["id"], at(i, "parameters", "mvpns"), at(i, "parameters", "groups"), s["J1"], s["J2"], s["JR1"],
             s["JR2"], s.get("expected_JR1"), s["window_s"], s["suppresses"]]
            for i, s in measured(case, "jp_suppression")]


# ---- an instance --------------------------------------------------------------------------------


def instance_metric(i):
    parameters, rows = i["parameters"], []
    remote = parameters.get("R", parameters.get("remote_pes"))
    vpns = parameters.get("N", parameters.get("mvpns"))
    for name in METRIC:
        rows.append([name, at(i, "expected", name), at(i, "metric", name), at(i, "metric_apparatus", name)])
        if name == "Num_PE":
            rows.append([ANY, remote, None, None])
        if name == "Num_PIM_C_neigh":
            for kind, each in (("c_interface", parameters.get("c", parameters.get("c_interfaces"))),
                               ("mi_pmsi", remote)):
                rows.append([ANY, product(vpns, each), at(i, "neighbours", kind, "dut"),
                             at(i, "neighbours", kind, "apparatus")])
    return rows


def figures(extra, path=""):
    for key, value in extra.items():
        if not path and key in ("spmsi", "spmsi_switch_delay"):
            continue
        name = f"{path}, {key}" if path else key
        if isinstance(value, dict):
            yield from figures(value, name)
        elif not isinstance(value, list):
            yield [name, value]


def signalling(s):
    rows = []
    for stretch in ("since_first_join", "window"):
        if isinstance(s.get(stretch), dict):
            for key in ("join", "refresh", "prune", "override", "prune_echo", "hello"):
                rows.append([ANY, *(at(s, stretch, "measured", who, key) for who in ("dut", "remote_pes", "all")),
                             at(s, stretch, "predicted", key)])
    states = s.get("states") or {}
    return rows + [["States", *(states.get(k) for k in ("dut", "remote_pes", "all", "predicted"))]]


def instance(i):
    yield "metric", instance_metric(i)
    yield "p-instance", [[5 + n, v, at(i, "p_instance_expected", v), at(i, "p_instance", v),
                          at(i, "p_instance_apparatus", v)] for n, v in enumerate(P_METRIC)]
    if i.get("relations"):
        yield "relations", [[r["relation"], r["left"], r["right"], r["holds"], True if r["at_end"] else None]
                            for r in i["relations"]]
    s, p, d = at(i, "extra", "spmsi"), i["parameters"], at(i, "extra", "spmsi_switch_delay")
    if isinstance(s, dict):
        yield "s-pmsi", [[ANY, p.get("spmsi_src"), p.get("spmsi_src_flows"), s.get("announced"), s.get("sourced"),
                          s.get("flows"), s.get("reused"), None],
                         [ANY, p.get("spmsi_rx"), p.get("spmsi_rx_flows"), s.get("rx_announced"), s.get("rx_joined"),
                          s.get("rx_flows"), None, s.get("cached")]]
    if isinstance(d, dict):
        yield "switching-delay", [[d.get(k) for k in ("count", "min", "avg", "max", "resolution_s", "lost",
                                                      "duplicate")]]
    forwarding = [(way, at(i, "forwarding", way) or {}) for way in DIRECTIONS]
    yield "forwarding", [[way, *(f.get(k) for k in ("flows", "rate_pps", "packet_bytes", "sent", "received", "lost",
                                                    "not_joined", "duplicate", "misdelivered", "reordered"))]
                         for way, f in forwarding]
    yield "latency", [[10 + n, way, *(micro(at(f, "latency_ns", k)) for k in ("avg", "min", "max"))]
                      for n, (way, f) in enumerate(forwarding)]
    if isinstance(i.get("signalling"), dict):
        yield "signalling", signalling(i["signalling"])
    if i.get("utilisation"):
        yield "utilisation", [[u.get(k) for k in ("component", "cpu_percent", "cpu_peak_1s", "memory_bytes",
                                                  "memory_percent", "how")]
                              for u in i["utilisation"][:SHOWN_COMPONENTS]]
    others = list(figures(i.get("extra") or {}))
    if others:
        yield "figures", others


def micro(ns):
    return None if ns is None else ns / 1000


def details(case):
    """Items 4-14, once for each value that is a maximum."""
    seen = []
    for m in case["maximum"]:
        i = instance_of(case, m)
        if any(same(m, other, "where", "searched") for other in seen):
            continue
        seen.append(m)
        if i is not None:
            for kind, rows in instance(i):
                yield kind, i["id"], rows


# ---- recoveries and instances -------------------------------------------------------------------


def recoveries(case):
    return [(i, r) for i in case["instances"] for r in i.get("recovery") or []]


def repeats(case):
    rows = []
    for i in case["instances"]:
        for stimulus, floor in {r["stimulus"]: r["apparatus_floor_s"] for r in i["recovery"]
                                if r["repeat"] == 2}.items():
            for key in ("Tre-Tf", "Trd-Tf", "Trall-Tf"):
                values = [r[key] for r in i["recovery"] if r["stimulus"] == stimulus and r[key] is not None]
                if len(values) > 1:
                    rows.append([i["id"], stimulus, key, len(values), min(values), sum(values) / len(values),
                                 max(values), floor if key == "Trall-Tf" else None])
    return rows


def recovery_tables(case):
    all_of = recoveries(case)
    if not all_of:
        return
    yield "convergence", [[i["id"], r["stimulus"], r["repeat"], r["verdict"], r["Tre-Tf"], r["Trd-Tf"],
                           r["Trall-Tf"], r["apparatus_floor_s"], minus(r["Trall-Tf"], r["apparatus_floor_s"]),
                           r["resolution_s"]] for i, r in all_of]
    yield "instants", [[i["id"], r["stimulus"], r["repeat"], r["Tf"], r["Tre"], r["Trd"], r["Trall"]]
                       for i, r in all_of]
    yield "interrupted", [[i["id"], r["stimulus"], r["repeat"], at(r, "interrupted", "ingress"),
                           at(r, "interrupted", "egress"), r["loss_derived_s"], r["Trall-Tf"],
                           r["apparatus_floor_s"]] for i, r in all_of]
    if any(r["repeat"] == 2 for _, r in all_of):
        yield "repeats", repeats(case)
    yield "neighbours-back", [[i["id"], r["stimulus"], r["repeat"], ANY,
                               *(at(r, "neighbours", kind, which, view) for which in ("first", "all")
                                 for view in ("apparatus", "dut"))]
                              for i, r in all_of for kind in ("mi_pmsi", "c_interface")]


def varied(instances):
    first = instances[0]["parameters"]
    return [k for k in first if any(i["parameters"].get(k) != first[k] for i in instances)][:SHOWN_PARAMETERS]


def failures(case):
    rows = []
    for i in case["instances"]:
        for state, found in [("steady", i["failures"])] + [(r["stimulus"], r.get("failures") or [])
                                                           for r in i["recovery"]]:
            rows += [[i["id"], state, f["criterion"], f["vpn"], f["flow"], f.get("count"), f["neighbour"],
                      f["interface"]] for f in found[:SHOWN_FAILURES]]
            if len(found) > SHOWN_FAILURES:
                rows.append([i["id"], state, f"{len(found) - SHOWN_FAILURES} more", None, None, None, None, None])
    return rows


def instance_tables(case):
    if not case["instances"]:
        return
    names = varied(case["instances"])
    yield "instances", [[i["id"], *(i["parameters"].get(n) for n in names), i["verdict"], i["reason"] or None]
                        for i in case["instances"]]
    if failures(case):
        yield "failures", failures(case)
    lossy = [(i, b) for i in case["instances"] for b in at(i, "marking", "branches") or [] if b.get("lost")]
    if lossy:
        yield "marking-branches", [[i["id"], *(b.get(k) for k in ("from", "to", "sent", "received", "lost",
                                                                  "lossy_blocks"))] for i, b in lossy][:SHOWN_ROWS]
        yield "marking-blocks", [[i["id"], *(k.get(n) for n in ("n", "begin", "colour", "vpn")), b.get("from"),
                                  b.get("to"), k.get("sent"), k.get("lost")]
                                 for i, b in lossy for k in b.get("blocks") or []][:SHOWN_ROWS]


def case_tables(case):
    if case["omitted"] is None:
        yield "setup", None, setup(case)
        if case["maximum"]:
            yield "case-maximum", None, maxima(case)
        if grid(case):
            yield "grid", None, grid(case)
        for key, only_with in (("spmsi_switch_delay", "missing"), ("join_convergence", None)):
            if delays(case, key, only_with):
                yield key, None, delays(case, key, only_with)
        if suppression(case):
            yield "suppression", None, suppression(case)
        yield from details(case)
        for kind, rows in recovery_tables(case):
            yield kind, None, rows
    if case.get("readings"):
        yield "readings", None, [[r["id"], r["reading"]] for r in case["readings"]]
    if case["omitted"] is None:
        for kind, rows in instance_tables(case):
            yield kind, None, rows


def tables(result):
    for kind, _, rows in summary(result):
        yield kind, (None, None), rows[:LONGEST_TABLE]
    for case in result["cases"]:
        for kind, about, rows in case_tables(case):
            yield kind, (case["case"], about), rows[:LONGEST_TABLE]
