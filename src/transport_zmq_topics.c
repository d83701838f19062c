/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport_zmq_topics.h"

#include <stdint.h>
#include <string.h>

#include "transport_zmq_calls.h"

/* Messages are one octet, 1 or 0, and the beginning of topics. */
static void
take(zmq_msg_t *message, const char *topic, unsigned *n_topics,
     struct pub_change *change)
{
	size_t len = zmq.msg_size(message);
	const uint8_t *data = zmq.msg_data(message);
	bool about;

	if (len == 0)
		return;
	about = len - 1 <= strlen(topic) &&
		memcmp(data + 1, topic, len - 1) == 0;
	if (*data) {
		++*n_topics;
		change->came += about;
	} else {
		*n_topics -= *n_topics > 0;
		change->left += about;
	}
}

bool
topics_look(void *socket, const char *topic, unsigned *n_topics,
	    struct pub_change *change)
{
	zmq_msg_t message;
	unsigned n = 0;

	zmq.msg_init(&message);
	while (n <= TOPICS_MAX && *n_topics <= TOPICS_MAX &&
	       zmq.msg_recv(&message, socket, ZMQ_DONTWAIT) >= 0) {
		take(&message, topic, n_topics, change);
		n++;
	}
	zmq.msg_close(&message);
	return n <= TOPICS_MAX && *n_topics <= TOPICS_MAX;
}
