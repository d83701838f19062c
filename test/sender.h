/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sender.h - the UDP transport with a collector of its own to send to, and a
 * kernel that answers as we like.
 *
 * Has its own sendmmsg(), g_get_monotonic_time() and log_line().
 */
#ifndef SENDER_H
#define SENDER_H

#include "transport.h"

#define SENDER_MTU     70000 /* more than UDP can carry */
#define SENDER_RECORDS 3     /* in each message */
#define SENDER_ALWAYS  (-1)

struct sender {
	int fd; /* the collector's */
	uint16_t port;
	struct collector collector;
	struct transport_stats stats;
	uint64_t n_missed; /* calls of missed() */
	uint64_t n_room;   /* and of room() */
	bool segments;	   /* the kernel cuts packets */
	uint64_t n_calls;  /* of sendmmsg(), but for those with cut ones refused
			    */
	uint64_t n_packets; /* in them */
	struct transport *transport;
	bool patient;

	/* See sender_fail(). */
	unsigned n_taken;
	int error, times;
};

struct transport *sender_try(struct sender *s, const char *host,
			     const char *source, GError **error);

/* To HOST, which is FAMILY's loopback address. */
void sender_setup(struct sender *s, int family, const char *host,
		  const char *source);
/* As for captures, over IPv4. */
void sender_setup_patient(struct sender *s);
void sender_teardown(struct sender *s);

/* After N_TAKEN messages the kernel answers ERROR, that many times. */
void sender_fail(struct sender *s, unsigned n_taken, int error, int times);

/* For transports, but not for timers, so much time has passed. */
void sender_later(int64_t us);

/* A message of LEN octets VALUE. */
void sender_send(struct sender *s, uint8_t value, size_t len);
void sender_flush(struct sender *s);

/* What comes at the collector next. */
void sender_expect(struct sender *s, uint8_t value, size_t len);
void sender_expect_nothing(struct sender *s);

/* Messages and octets sent and messages dropped so far. */
void sender_assert_stats(const struct sender *s, uint64_t messages,
			 uint64_t octets, uint64_t n_dropped);

/* What was logged since we were asked last, a line each, after its level's
 * letter; PORT stands for the collector's. */
void sender_assert_logged(const struct sender *s, const char *format);

#endif
