/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport_zmq_socket.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <string.h>

#include "log.h"
#include "means.h"
#include "transport_zmq_calls.h"
#include "transport_zmq_setup.h"
#include "transport_zmq_topics.h"

#define AGAIN_MS 500
#define FILES	 16 /* more than it opens */
#define THREADS	 2
#define MONITOR	 "inproc://monitor"

struct pub {
	const struct transport_args *args;
	void *context;
	void *socket;
	void *monitor; /* tells of its connections */
	guint source, monitor_source;
	guint again; /* timer: we do not listen now */
	void (*happened)(void *to);
	void *to;
	bool headed;  /* the first frame of a message is sent, not its second */
	bool refused; /* the log was told that a handshake failed */
	unsigned n_topics; /* that subscribers ask for */
	size_t n_done;	   /* atomic: libzmq's thread adds to it */
};

/* A message's second frame, which libzmq tells us when it is done with. */
struct block {
	struct pub *pub;
	size_t len; /* of the message */
	uint8_t data[];
};

static void
block_done(void *data, void *hint)
{
	struct block *block = hint;

	(void)data;
	__atomic_fetch_add(&block->pub->n_done, block->len, __ATOMIC_RELEASE);
	g_free(block);
}

size_t
pub_n_done(const struct pub *pub)
{
	return __atomic_load_n(&pub->n_done, __ATOMIC_ACQUIRE);
}

static bool
send_frame(struct pub *pub, zmq_msg_t *frame, int flags)
{
	int error;

	if (zmq.msg_send(frame, pub->socket, ZMQ_DONTWAIT | flags) >= 0)
		return true;
	error = errno;
	zmq.msg_close(frame);
	errno = error;
	return false;
}

static bool
send_head(struct pub *pub, const uint8_t *data, size_t len)
{
	zmq_msg_t frame;

	zmq.msg_init_size(&frame, len);
	memcpy(zmq.msg_data(&frame), data, len);
	return send_frame(pub, &frame, ZMQ_SNDMORE);
}

/* One that is refused was not libzmq's: what it says of it does not count. */
static bool
send_body(struct pub *pub, const uint8_t *data, size_t len, size_t message_len)
{
	struct block *block = g_malloc(sizeof(*block) + len);
	zmq_msg_t frame;

	*block = (struct block){ .pub = pub, .len = message_len };
	memcpy(block->data, data, len);
	zmq.msg_init_data(&frame, block->data, len, block_done, block);
	if (send_frame(pub, &frame, 0))
		return true;
	__atomic_fetch_sub(&pub->n_done, message_len, __ATOMIC_RELEASE);
	return false;
}

enum pub_sent
pub_send(struct pub *pub, const uint8_t *data, size_t head, size_t len)
{
	if (!pub->headed)
		pub->headed = send_head(pub, data, head);
	if (pub->headed && send_body(pub, data + head, len - head, len)) {
		pub->headed = false;
		return PUB_SENT;
	}
	return errno == EAGAIN || errno == EINTR ? PUB_FULL : PUB_FAILED;
}

static bool open_all(struct pub *pub);
static void close_all(struct pub *pub, int linger_ms);

static gboolean
on_let_in(gpointer data)
{
	struct pub *pub = data;

	pub->again = 0;
	if (open_all(pub))
		return G_SOURCE_REMOVE;
	close_all(pub, 0);
	pub->again = g_timeout_add(AGAIN_MS, on_let_in, pub);
	return G_SOURCE_REMOVE;
}

/* Which of them it is, libzmq does not tell. */
static struct pub_change
shut_out(struct pub *pub)
{
	transport_warn(pub->args, 0,
		       "more than %d subscriptions, which is no ntopng: all "
		       "are shut out for a moment",
		       TOPICS_MAX);
	close_all(pub, 0);
	pub->again = g_timeout_add(AGAIN_MS, on_let_in, pub);
	return (struct pub_change){ .left = UINT_MAX };
}

struct pub_change
pub_look(struct pub *pub, const char *topic)
{
	struct pub_change change = { 0 };

	if (pub->socket &&
	    !topics_look(pub->socket, topic, &pub->n_topics, &change))
		return shut_out(pub);
	return change;
}

static void
note_handshake(struct pub *pub, bool failed)
{
	if (failed && !pub->refused)
		transport_warn(
			pub->args, 0, "a subscriber and we cannot agree: %s",
			*pub->args->collector->zmq_server_key
				? "does it encrypt, and is zmq_server_key "
				  "its own?"
				: "does it speak ZeroMQ, unencrypted?");
	pub->refused = failed;
}

static gboolean
on_again(gpointer data)
{
	struct pub *pub = data;

	if (!means_files(FILES, NULL) ||
	    !setup_endpoint(pub->socket, pub->args))
		return G_SOURCE_CONTINUE;
	log_info("collector %s: listening on %s:%u again",
		 pub->args->collector->name, pub->args->collector->host,
		 pub->args->port);
	if (pub->args->state && pub->args->state->phase == TRANSPORT_DOWN)
		transport_set(pub->args, TRANSPORT_CONNECTING);
	pub->again = 0;
	return G_SOURCE_REMOVE;
}

/* libzmq's thread would try again at once, and again: whoever wants in waits,
 * and who is in stays. */
static void
note_no_file(struct pub *pub, int error)
{
	char endpoint[PATH_MAX];
	size_t len = sizeof(endpoint);

	if (pub->again || (error != EMFILE && error != ENFILE))
		return;
	if (zmq.getsockopt(pub->socket, ZMQ_LAST_ENDPOINT, endpoint, &len) == 0)
		zmq.unbind(pub->socket, endpoint);
	transport_warn(pub->args, error, "cannot let in a subscriber: %s",
		       g_strerror(error));
	pub->again = g_timeout_add(AGAIN_MS, on_again, pub);
}

/* Whether it was a connection's end. */
static bool
take_event(struct pub *pub, zmq_msg_t *event)
{
	const uint8_t *data = zmq.msg_data(event);
	uint16_t what;
	uint32_t value;

	memcpy(&what, data, sizeof(what));
	memcpy(&value, data + sizeof(what), sizeof(value));
	if (what == ZMQ_EVENT_DISCONNECTED)
		return true;
	if (what == ZMQ_EVENT_ACCEPT_FAILED)
		note_no_file(pub, value);
	else
		note_handshake(pub, what != ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
	return false;
}

bool
pub_look_lost(struct pub *pub)
{
	bool lost = false;
	zmq_msg_t message;

	zmq.msg_init(&message);
	while (pub->monitor &&
	       zmq.msg_recv(&message, pub->monitor, ZMQ_DONTWAIT) >= 0)
		if (zmq.msg_more(&message)) /* then comes the address */
			lost |= take_event(pub, &message);
	zmq.msg_close(&message);
	return lost;
}

/* The descriptor only tells that something may have happened. */
static gboolean
on_event(int fd, GIOCondition condition, gpointer data)
{
	struct pub *pub = data;

	(void)fd;
	(void)condition;
	pub->happened(pub->to);
	return G_SOURCE_CONTINUE;
}

static guint
watch(struct pub *pub, void *socket)
{
	size_t len = sizeof(int);
	int fd;

	zmq.getsockopt(socket, ZMQ_FD, &fd, &len);
	return g_unix_fd_add(fd, G_IO_IN, on_event, pub);
}

static bool
open_monitor(struct pub *pub)
{
	const int events = ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_ACCEPT_FAILED |
			   ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
			   ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
			   ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
			   ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

	if (zmq.socket_monitor(pub->socket, MONITOR, events) != 0)
		return false;
	pub->monitor = zmq.socket(pub->context, ZMQ_PAIR);
	return pub->monitor && zmq.connect(pub->monitor, MONITOR) == 0;
}

/* Its holder may be one that we take the place of, at a reload. */
static bool
wait_for_address(struct pub *pub)
{
	if (errno != EADDRINUSE || pub->args->patient)
		return false;
	transport_set(pub->args, TRANSPORT_DOWN);
	transport_warn(pub->args, EADDRINUSE,
		       "cannot listen on %s:%u: %s, trying again",
		       pub->args->collector->host, pub->args->port,
		       g_strerror(EADDRINUSE));
	pub->again = g_timeout_add(AGAIN_MS, on_again, pub);
	return true;
}

static bool
open_all(struct pub *pub)
{
	const struct transport_args *args = pub->args;

	pub->context = zmq.ctx_new();
	pub->socket = pub->context ? zmq.socket(pub->context, ZMQ_XPUB) : NULL;
	if (!pub->socket || !setup_options(pub->socket, args->collector) ||
	    !open_monitor(pub) ||
	    (!setup_endpoint(pub->socket, args) && !wait_for_address(pub)))
		return false;
	pub->source = watch(pub, pub->socket);
	pub->monitor_source = watch(pub, pub->monitor);
	return true;
}

struct pub *
pub_new(const struct transport_args *args, void (*happened)(void *to), void *to,
	GError **error)
{
	const struct collector *collector = args->collector;
	struct pub *pub;

	if (!zmq_load(error) || !means_files(FILES, error) ||
	    !means_threads(THREADS, error))
		return NULL;
	pub = g_new(struct pub, 1);
	*pub = (struct pub){ args, .happened = happened, .to = to };
	if (open_all(pub))
		return pub;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
		    collector->zmq_bind
			    ? "cannot listen on %s:%u, which zmq_bind wants to "
			      "be of this host: %s"
			    : "cannot connect to %s:%u: %s",
		    collector->host, args->port, zmq.strerror(errno));
	pub_free(pub, 0);
	return NULL;
}

static void
close_all(struct pub *pub, int linger_ms)
{
	g_clear_handle_id(&pub->again, g_source_remove);
	g_clear_handle_id(&pub->source, g_source_remove);
	g_clear_handle_id(&pub->monitor_source, g_source_remove);
	if (pub->monitor) {
		setup_int(pub->monitor, ZMQ_LINGER, 0);
		zmq.close(pub->monitor);
	}
	if (pub->socket) {
		setup_int(pub->socket, ZMQ_LINGER, linger_ms);
		zmq.close(pub->socket);
	}
	if (pub->context)
		zmq.ctx_term(pub->context);
	pub->monitor = pub->socket = pub->context = NULL;
	pub->headed = false;
	pub->n_topics = 0;
}

void
pub_free(struct pub *pub, int linger_ms)
{
	if (!pub)
		return;
	close_all(pub, linger_ms);
	g_free(pub);
}
