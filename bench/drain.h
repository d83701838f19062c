/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drain.h - what it takes to get flows out of the kernel.
 */
#ifndef DRAIN_H
#define DRAIN_H

#include "subject.h"

/* In microseconds, of which none is a sleep. */
struct drain {
	double scan;	/* nothing is due, nor to be looked at; 0: nor a scan */
	double visit;	/* nothing is due, but every flow looked at */
	double harvest; /* everything is; of a hash map in batches */
	uint64_t flows; /* 0: there is nothing that we could read */
};

struct drain drain_subject(const struct subject *subject);

#endif
