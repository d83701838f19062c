/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "overflow_ring.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <gio/gio.h>

struct overflow_ring {
	struct ring_buffer *buffer;
	bool (*take)(void *to, const struct flow_packet *packet);
	void *to;
};

/* A negative result ends ring_buffer__consume(), past this sample. */
static int
on_sample(void *context, void *data, size_t len)
{
	struct overflow_ring *ring = context;

	g_assert(len == sizeof(struct flow_packet));
	return ring->take(ring->to, data) ? 0 : -ECANCELED;
}

static void
read_ring(void *from, bool (*take)(void *to, const struct flow_packet *packet),
	  void *to)
{
	struct overflow_ring *ring = from;

	ring->take = take;
	ring->to = to;
	ring_buffer__consume(ring->buffer);
}

struct overflow_ring *
overflow_ring_new(int fd, GError **error)
{
	struct overflow_ring *ring = g_new0(struct overflow_ring, 1);

	ring->buffer = ring_buffer__new(fd, on_sample, ring, NULL);
	if (!ring->buffer) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
			    "no ring buffer: %s", g_strerror(errno));
		g_free(ring);
		return NULL;
	}
	return ring;
}

void
overflow_ring_free(struct overflow_ring *ring)
{
	if (!ring)
		return;
	ring_buffer__free(ring->buffer);
	g_free(ring);
}

struct overflow_source
overflow_ring_source(struct overflow_ring *ring)
{
	return (struct overflow_source){ read_ring, ring };
}
