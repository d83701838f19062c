/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live_tables.h"

/* As many flows as packets have room in the ring. */
static bool
add_overflow(struct live_tables *tables, const struct live_args *args, int fd,
	     GError **error)
{
	struct overflow_args overflow = {
		.max = args->probe.overflow / sizeof(struct flow_packet),
		.extremes = args->probe.extremes,
		.timeouts = args->settings.timeouts,
		.sink = args->sink,
		.stats = args->stats,
	};

	tables->ring = overflow_ring_new(fd, error);
	if (!tables->ring)
		return false;
	overflow.source = overflow_ring_source(tables->ring);
	tables->overflow = overflow_new(&overflow);
	return true;
}

bool
tables_make(struct live_tables *tables, const struct live_args *args,
	    struct probe *probe, GError **error)
{
	int fd = probe_overflow_fd(probe);

	tables->expire =
		expire_new(probe_table(probe), &args->settings.timeouts,
			   &args->sink, args->stats);
	return fd < 0 || add_overflow(tables, args, fd, error);
}

void
tables_clear(struct live_tables *tables)
{
	overflow_free(tables->overflow);
	overflow_ring_free(tables->ring);
	expire_free(tables->expire);
}

void
tables_begin(const struct live_tables *tables, enum expire_scan how)
{
	expire_begin(tables->expire, how);
	if (tables->overflow)
		overflow_begin(tables->overflow, how);
}

void
tables_set(const struct live_tables *tables,
	   const struct expire_timeouts *timeouts)
{
	expire_set(tables->expire, timeouts);
	if (tables->overflow)
		overflow_set(tables->overflow, timeouts);
}

bool
tables_overflows(struct live_tables *tables)
{
	uint64_t n = overflow_n_taken(tables->overflow);

	if (n == tables->n_overflow)
		return overflow_is_pressed(tables->overflow);
	tables->n_overflow = n;
	return true;
}
