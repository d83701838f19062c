/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "logged.h"
#include "clock.h"
#include "sender.h"
#include "udp.h"

static struct sender *current;

static bool
any_segments(const struct mmsghdr *packets, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (packets[i].msg_hdr.msg_iovlen > 1)
			return true;
	}
	return false;
}

static int64_t later_us;

/* Before GLib's, whose own time it leaves alone. */
gint64
g_get_monotonic_time(void)
{
	return clock_boot_ns() / 1000 + later_us;
}

void
sender_later(int64_t us)
{
	later_us += us;
}

/* Before the C library's. */
int
sendmmsg(int fd, struct mmsghdr *packets, unsigned n, int flags)
{
	struct sender *s = current;

	if (!s->segments && any_segments(packets, n)) {
		errno = EIO;
		return -1;
	}
	s->n_calls++;
	s->n_packets += n;
	if (s->n_taken > 0) {
		n = MIN(n, s->n_taken);
		s->n_taken = 0;
	} else if (s->times != 0) {
		s->times -= s->times > 0;
		errno = s->error;
		return -1;
	}
	return syscall(SYS_sendmmsg, fd, packets, n, flags);
}

static void
on_missed(void *to)
{
	struct sender *s = to;

	s->n_missed++;
}

static void
on_room(void *to)
{
	struct sender *s = to;

	s->n_room++;
}

struct transport *
sender_try(struct sender *s, const char *host, const char *source,
	   GError **error)
{
	const struct transport_args args = {
		.collector = &s->collector,
		.port = s->port,
		.missed = on_missed,
		.room = on_room,
		.to = s,
		.stats = &s->stats,
		.patient = s->patient,
	};

	s->collector = (struct collector){
		.origin = (char *)"test:1",
		.name = (char *)"main",
		.host = (char *)host,
		.source = (char *)source,
		.mtu = SENDER_MTU,
	};
	return transport_udp.new(&args, error);
}

void
sender_setup(struct sender *s, int family, const char *host, const char *source)
{
	memset(s, 0, sizeof(*s));
	current = s;
	s->fd = udp_receiver(family, &s->port);
	s->transport = sender_try(s, host, source, NULL);
	g_assert_nonnull(s->transport);
	g_assert_cmpuint(s->n_missed, ==, 0);
}

void
sender_setup_patient(struct sender *s)
{
	sender_setup(s, AF_INET, "127.0.0.1", "");
	transport_udp.free(s->transport);
	s->patient = true;
	s->transport = sender_try(s, "127.0.0.1", "", NULL);
}

void
sender_teardown(struct sender *s)
{
	transport_udp.free(s->transport);
	close(s->fd);
	logged_forget();
}

void
sender_fail(struct sender *s, unsigned n_taken, int error, int times)
{
	s->n_taken = n_taken;
	s->error = error;
	s->times = times;
}

void
sender_send(struct sender *s, uint8_t value, size_t len)
{
	g_autofree uint8_t *data = g_malloc(len);
	const struct message message = {
		.data = data,
		.len = len,
		.tally.records = SENDER_RECORDS,
	};

	memset(data, value, len);
	g_assert_true(transport_udp.ready(s->transport));
	transport_udp.send(s->transport, &message);
}

void
sender_flush(struct sender *s)
{
	transport_udp.flush(s->transport);
}

void
sender_expect(struct sender *s, uint8_t value, size_t len)
{
	uint8_t got[2048];

	g_assert_cmpint(udp_receive(s->fd, got, sizeof(got), NULL), ==, len);
	for (size_t i = 0; i < len; i++)
		g_assert_cmpuint(got[i], ==, value);
}

void
sender_expect_nothing(struct sender *s)
{
	uint8_t got[1];

	g_assert_cmpint(udp_receive(s->fd, got, sizeof(got), NULL), ==, -1);
}

void
sender_assert_stats(const struct sender *s, uint64_t messages, uint64_t octets,
		    uint64_t n_dropped)
{
	g_assert_cmpuint(s->stats.messages_sent, ==, messages);
	g_assert_cmpuint(s->stats.octets_sent, ==, octets);
	g_assert_cmpuint(s->stats.records_exported, ==,
			 messages * SENDER_RECORDS);
	g_assert_cmpuint(s->stats.records_dropped, ==,
			 n_dropped * SENDER_RECORDS);
}

void
sender_assert_logged(const struct sender *s, const char *format)
{
	logged_expect_port(format, s->port);
}
