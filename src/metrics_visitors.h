/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics_visitors.h - who is connected, and since when.
 *
 * The server drops who is idle.  Who sends or takes an octet now and then is
 * not, and would keep his place for good: METRICS_LIMIT_S for each request,
 * then the connection is shut.
 */
#ifndef METRICS_VISITORS_H
#define METRICS_VISITORS_H

#include "metrics_calls.h"

struct visitors {
	GQueue queue; /* of struct visitor, who came first leads */
};

/* The server's callbacks, each with the struct visitors: someone comes or goes;
 * an answer is out. */
void visitors_on_connection(void *to, struct MHD_Connection *client,
			    void **visitor,
			    enum MHD_ConnectionNotificationCode what);
void visitors_on_answered(void *to, struct MHD_Connection *client,
			  void **request, enum MHD_RequestTerminationCode why);

/* Shuts connections whose time is over; the server finds them closed. */
void visitors_see_out(struct visitors *visitors);

/* Monotonic, when the next one's is; -1: there is none. */
int64_t visitors_until_us(struct visitors *visitors);

#endif
