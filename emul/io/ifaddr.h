/* Which interface has an address. */
#ifndef MVPN_IO_IFADDR_H
#define MVPN_IO_IFADDR_H

#include "emul/base/addr.h"
#include "emul/base/err.h"

/* ifaddr_interface returns the name of the interface of the named namespace (NULL: our own) that
 * has the address, to be freed; NULL with *err (ERR_TESTBED). */
char *ifaddr_interface(const char *netns, ip4_t address, struct err *err);

#endif
