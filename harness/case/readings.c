/*
 * How contradictions and gaps of the draft are read (PROTOCOLS 12), a line each, for the report:
 * A: its general sections, D: its test cases.
 */
#include "harness/case/case.h"

#include <string.h>

static const struct {
    const char *issue, *text;
} readings[] = {
    {"A1", "the setup parameter is R, the number of remote PEs; Num_PE is R+1, with the DUT"},
    {"A2", "neighbours are counted apart: N*c on C-interfaces, N*R over the MI-PMSIs; the printed "
           "relation is about the first"},
    {"A3", "one source a group where the printed relations hold with one only, though section 6.3 "
           "has two"},
    {"A4", "receivers speak PIM; IGMP is an option that is said"},
    {"A5", "sources, RPs and receivers sit at least one router away from the DUT"},
    {"A6", "the time between two IGMP messages of a host can be set, down to 0.1 s and below"},
    {"A7",
     "SPT threshold 0 in the C-instances, infinity for default MDTs of PIM-SM in the P-instance"},
    {"A8", "receivers behind max(1, ceil(R/2)) remote PEs of each ingress group, drawn by the "
           "seed; 25 and 100 % are settings"},
    {"A9", "the emulated PEs suppress Joins themselves; receivers behind one PE where 10.2 says "
           "that the DUT does, too"},
    {"A10",
     "10 % of the idle throughput is meant for each direction and shared equally by its flows"},
    {"A11", "80 Join/Prune entries a PDU as far as the MTU allows, 10 PDUs a second"},
    {"A12", "Join/Prune pacing is per PIM neighbour, Registers per port"},
    {"A13", "the second figure is the one of 10.2"},
    {"A14", "PE2 is emulated, remote PE 1, and counts in R"},
    {"A15", "all cases are run with stimuli but 9.11, 9.12 and 10.2"},
    {"A16", "both ten-minute waits before a stimulus are kept"},
    {"A17", "the ten minutes of step 6 begin when the last flow has started, after all joins"},
    {"A18", "resources of the DUT are judged where its driver can read them"},
    {"A19",
     "Tre is the first ingress packet, Trd the first egress packet, as the draft defines them"},
    {"A20", "a flow has recovered with the first of 5 packets or 5 s in order at the initial rate, "
            "whichever is longer"},
    {"A21", "the same state means the nine variables and the matrix of flows"},
    {"A22", "Tf is the action that ends the failure, 300 s after it began"},
    {"A23", "latency is the mean over flows and ports, with minimum and maximum"},
    {"A24", "references that are missing in the draft change nothing"},
    {"A25", "10.2 counts among the cases of individual limits"},
    {"A26", "mVPNs are 100, 200, ... up to the maximum M of 9.1; below 100 they are M alone, and a "
            "fixed 100 is min(100, M)"},
    {"A27", "the search grows exponentially, then halves; at least five values are reported"},
    {"D1", "SI-PMSIs are S-PMSIs"},
    {"D2", "steps 1-3 and 7 also within 7.2; recovery is that of the neighbours on C-interfaces, "
           "since there is no traffic"},
    {"D3", "the same number of C-interfaces in every mVPN; reported is N*c"},
    {"D4", "steps 1 to 8 of 7.1"},
    {"D5", "all three shares of ingress groups with 2 and with 50 sources"},
    {"D6", "the groups an mVPN are varied; reported are N*g*(1+s) mroutes"},
    {"D7", "each number of mVPNs takes its own maximum of 9.3 (only egress groups, 2 sources), "
           "else the total of 100 mVPNs"},
    {"D8", "all C-interfaces that 9.2 found are configured; the number of those with a receiver a "
           "group is varied"},
    {"D9", "Smax is a total over all mVPNs"},
    {"D10", "the number of groups stays constant, not that of mroutes"},
    {"D11", "Vmax is the largest number of mVPNs of 9.3 that held at least one mroute each"},
    {"D12", "at least one S-PMSI an mVPN, and one (S,G) flow on each: at most g*s"},
    {"D13", "more S-PMSIs than mVPNs describes the end of the sweep"},
    {"D14", "Smax and Vmax come from 9.3 with ingress groups only, since 9.5 measures neither"},
    {"D15", "one C-interface an mVPN, as the relations have it"},
    {"D16", "Vmax is that of 9.3; 2 sourced and 8 received S-PMSIs an mVPN, 2*I and 8*I flows on "
            "them; steps 1-8 and 1-7"},
    {"D17", "Num_OIF_C is the multiple of Num_mVPN, not equal to it"},
    {"D18", "33 groups give 99 mroutes and 198 OIFs an mVPN; 2 % either way count as equal"},
    {"D19", "ASM default MDTs, SSM and BIDIR where the DUT has them; one group in ten is an "
            "ingress group"},
    {"D20", "the S-PMSIs received carry a flow each, from PEs in turn"},
    {"D21", "9.8-9.13 means 9.9-9.13"},
    {"D22", "the more extreme cases are 9.8 and 9.9"},
    {"D23", "the delay is that from the signalling to the first packet on the S-PMSI; no stimuli"},
    {"D24", "one flow in each of up to ten mVPNs, at random times several seconds apart"},
    {"D25", "9.14 means 9.10"},
    {"D26", "every repetition joins a fresh group; from the Join on the C-interface to the first "
            "packet there"},
    {"D27", "Registers carry data until Register-Stop, then they are Null-Registers"},
    {"D28",
     "Registers before any traffic, at 100 a second; traffic begins with the DUT's (S,G) Joins"},
    {"D29", "the remote PEs are varied; reported is N*R"},
    {"D30", "ports are roles: sources and point of observation at PE2, receivers at the DUT and "
            "behind PE3"},
    {"D31", "Join/Prune entries are counted; PDUs stand beside them"},
    {"D32", "two numbers of mVPNs: 100 and the largest of 9.3"},
    {"D33", "PE3 does not suppress and repeats its Joins every 60 s"},
    {"D34", "the procedure is that of 10.1, with SSM default MDTs"},
    {"D35", "other variables are small but for the C-interfaces"},
    {"D36", "for DUTs that can put several flows on one S-PMSI"},
    {"D37", "much greater (>>) is no bound; it informs"},
};

const char *case_reading(const char *issue)
{
    for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
        if (strcmp(readings[i].issue, issue) == 0)
            return readings[i].text;
    }
    return NULL;
}
