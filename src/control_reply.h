/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * control_reply.h - what clients of the control socket are told.
 *
 * A reply is a line with a JSON object.  What may be long, a list of flows or
 * interfaces, is kept as rows and becomes text as the client reads it.
 */
#ifndef CONTROL_REPLY_H
#define CONTROL_REPLY_H

#include "snapshot.h"

struct control_reply {
	GString *text; /* that is not sent yet */
	GArray *rows;  /* to follow; NULL: none */
	guint next;    /* of them */
	void (*put)(GString *text, const void *row);
};

/* What came by an interface, records made and flows that are open. */
struct control_traffic {
	struct iface_traffic way[2]; /* by enum flow_direction */
};

void reply_error(struct control_reply *reply, const char *message);

/* SAID is what there is to know, or NULL. */
void reply_done(struct control_reply *reply, const char *said);
void reply_status(struct control_reply *reply, const struct snapshot *snapshot);
void reply_stats(struct control_reply *reply, const struct snapshot *snapshot);
void reply_collectors(struct control_reply *reply,
		      const struct snapshot *snapshot);

/* OPEN: index → struct control_traffic, of flows that are open. */
void reply_interfaces(struct control_reply *reply,
		      const struct snapshot *snapshot, GHashTable *open);

/* FLOWS, of struct record, is the reply's from now on; there are N_OPEN. */
void reply_flows(struct control_reply *reply, GArray *flows, uint64_t n_open);

/* Takes text from the rows until there is enough of it to send; false: there is
 * nothing left to send. */
bool reply_fill(struct control_reply *reply);
void reply_clear(struct control_reply *reply);

#endif
