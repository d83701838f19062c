/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * collector.h - what the user says of one collector: plain values.
 *
 * config fills and owns them; exporter, encoders and transports read them for
 * as long as they live.
 */
#ifndef COLLECTOR_H
#define COLLECTOR_H

#include <stdbool.h>
#include <stdint.h>

enum collector_mode { COLLECTOR_MIRROR, COLLECTOR_BALANCE, COLLECTOR_FAILOVER };

#define COLLECTOR_AUTO_MTU 8952 /* a jumbo frame's, over IPv6 */

struct collector {
	char *origin; /* "FILE:LINE" or "--collector", for error messages */
	char *name;   /* never NULL: "HOST:PORT" when the user gave none */
	char *host;
	char *protocol;	 /* an encoder's name */
	char *transport; /* a transport's name */
	char *template_set;
	char *source;  /* local address to send from; "": the kernel's choice */
	uint32_t port; /* 0: the protocol's default */
	uint32_t mtu;  /* largest message, octets of payload; 0: the path's */
	uint64_t template_refresh_ns;
	uint32_t template_refresh_packets; /* messages */
	uint64_t options_refresh_ns;
	bool biflow;	/* both directions of a flow in one record */
	uint64_t queue; /* octets of records that may wait */
	uint32_t rate;	/* messages a second; 0: no limit */
	uint64_t reconnect_ns;
	uint64_t connect_timeout_ns;
	uint64_t tcp_keepalive_ns; /* 0: none */
	uint64_t sctp_ttl_ns;	   /* 0: no end */
	bool zmq_bind;		   /* collectors come to us: host is ours */
	char *zmq_server_key;	   /* its public key, Z85; "": in the clear */
	uint32_t zmq_hwm;	   /* messages in libzmq's hands */
	uint32_t ntopng_header;	   /* 1 to 3: of its forms */
	bool ntopng_compress;	   /* with zlib */
	char *group;		   /* "": none */
	int mode;		   /* enum collector_mode, of the group */
	uint64_t hold_down_ns;
	bool goes_on; /* with a file that is there: we did not just start */
};

/* What the largest message cannot be longer than, whatever the path takes. */
static inline uint32_t
collector_mtu(const struct collector *collector)
{
	return collector->mtu ? collector->mtu : COLLECTOR_AUTO_MTU;
}

#endif
