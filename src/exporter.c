/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clock.h"
#include "encode.h"
#include "exporter.h"

struct exporter {
	const struct collector *collector;
	struct template_set *set;
	const struct encoder_ops *encode;
	struct encoder *encoder;
	const struct transport_ops *carry;
	struct transport *transport;
	struct transport_stats stats;

	bool patient;
	bool missed;	   /* the collector may lack templates */
	bool in_burst;	   /* records came since flush() */
	uint32_t messages; /* since templates went out */
	unsigned early;	   /* of early_s[], the next */
	guint timer;
};

/* Seconds from one announcement to the next: at 1, 5, 15 and 60 s. */
static const unsigned early_s[] = { 1, 4, 10, 45 };

static bool
send_one(struct exporter *exporter)
{
	struct message message;

	if (!exporter->encode->take(exporter->encoder, clock_wall_ns(),
				    &message))
		return false;
	exporter->carry->send(exporter->transport, &message);
	exporter->messages++;
	return true;
}

static void
announce(struct exporter *exporter)
{
	struct message message;
	unsigned i = 0;

	while (send_one(exporter))
		;
	exporter->missed = false;
	exporter->messages = 0;
	while (exporter->encode->announce(exporter->encoder, i++,
					  clock_wall_ns(), &message))
		exporter->carry->send(exporter->transport, &message);
}

static bool
enough_messages(const struct exporter *exporter)
{
	uint32_t limit = exporter->collector->template_refresh_packets;

	return limit && exporter->messages >= limit &&
	       !exporter->carry->reliable;
}

/* Milliseconds to the next announcement by time; 0: none. */
static guint
next_refresh_ms(struct exporter *exporter)
{
	uint64_t ns = exporter->collector->template_refresh_ns;
	uint64_t early_ns;

	if (exporter->early < G_N_ELEMENTS(early_s)) {
		early_ns = early_s[exporter->early++] * CLOCK_SECOND_NS;
		ns = ns ? MIN(ns, early_ns) : early_ns;
	}
	return ns ? CLAMP(ns / 1000000, 1, G_MAXUINT) : 0;
}

static gboolean on_timer(gpointer data);

static void
arm(struct exporter *exporter)
{
	guint ms = next_refresh_ms(exporter);

	exporter->timer = ms ? g_timeout_add(ms, on_timer, exporter) : 0;
}

static gboolean
on_timer(gpointer data)
{
	struct exporter *exporter = data;

	exporter->timer = 0;
	announce(exporter);
	exporter->carry->flush(exporter->transport);
	if (!exporter->timer) /* on_up() may have been faster */
		arm(exporter);
	return G_SOURCE_REMOVE;
}

/* Only so often does the collector's host tell that nobody listens: its last
 * refusal may go unseen, so the early announcements are made again. */
static void
on_up(void *to)
{
	struct exporter *exporter = to;

	exporter->missed = true;
	if (exporter->carry->reliable || exporter->early < 2)
		return;
	exporter->early = 0;
	g_clear_handle_id(&exporter->timer, g_source_remove);
	arm(exporter);
}

/* Not amid a burst: where every message fails, templates would go out with
 * each record. */
static void
begin_burst(struct exporter *exporter)
{
	exporter->in_burst = true;
	if (exporter->missed || enough_messages(exporter))
		announce(exporter);
}

static void
push(void *to, struct record *record)
{
	struct exporter *exporter = to;

	if (!template_for(exporter->set, record)->n_fields) {
		exporter->stats.records_skipped++;
		return;
	}
	if (!exporter->in_burst)
		begin_burst(exporter);
	if (exporter->encode->add(exporter->encoder, record))
		return;
	send_one(exporter);
	if (enough_messages(exporter))
		announce(exporter);
	exporter->encode->add(exporter->encoder, record);
}

static void
flush(void *to)
{
	struct exporter *exporter = to;

	while (send_one(exporter))
		;
	exporter->carry->flush(exporter->transport);
	exporter->in_burst = false;
}

/* All but the socket. */
static bool
prepare(struct exporter *exporter, uint32_t domain,
	const char *const *template_dirs, GError **error)
{
	const struct collector *collector = exporter->collector;

	exporter->encode = encoder_find(collector->protocol, error);
	if (!exporter->encode)
		return false;
	exporter->carry = transport_find(collector->transport, error);
	if (!exporter->carry)
		return false;
	exporter->set = template_set_load(collector->template_set,
					  template_dirs, error);
	if (!exporter->set)
		return false;
	exporter->encoder = exporter->encode->new(exporter->set, domain,
						   collector->mtu, error);
	return exporter->encoder;
}

static bool
connect_transport(struct exporter *exporter, GError **error)
{
	const struct collector *collector = exporter->collector;
	const struct transport_args args = {
		.collector = collector,
		.port = collector->port ?: exporter->encode->default_port,
		.up = on_up,
		.to = exporter,
		.stats = &exporter->stats,
		.patient = exporter->patient,
	};

	exporter->transport = exporter->carry->new(&args, error);
	return exporter->transport;
}

static void
add_origin(const struct exporter *exporter, GError **error)
{
	g_prefix_error(error, "%s: collector %s: ", exporter->collector->origin,
		       exporter->collector->name);
}

static struct exporter *
make(const struct collector *collector, uint32_t domain,
     const char *const *template_dirs, GError **error)
{
	struct exporter *exporter = g_new0(struct exporter, 1);

	exporter->collector = collector;
	exporter->missed = true;
	if (prepare(exporter, domain, template_dirs, error))
		return exporter;
	add_origin(exporter, error);
	exporter_free(exporter);
	return NULL;
}

struct exporter *
exporter_new(const struct collector *collector, uint32_t domain,
	     const char *const *template_dirs, bool patient, GError **error)
{
	struct exporter *exporter =
		make(collector, domain, template_dirs, error);

	if (!exporter)
		return NULL;
	exporter->patient = patient;
	if (!connect_transport(exporter, error)) {
		add_origin(exporter, error);
		exporter_free(exporter);
		return NULL;
	}
	if (!exporter->carry->reliable)
		arm(exporter);
	return exporter;
}

void
exporter_free(struct exporter *exporter)
{
	if (!exporter)
		return;
	if (exporter->timer)
		g_source_remove(exporter->timer);
	if (exporter->transport)
		exporter->carry->free(exporter->transport);
	if (exporter->encoder)
		exporter->encode->free(exporter->encoder);
	template_set_free(exporter->set);
	g_free(exporter);
}

bool
exporter_check(const struct collector *collector, uint32_t domain,
	       const char *const *template_dirs, GError **error)
{
	struct exporter *exporter =
		make(collector, domain, template_dirs, error);
	bool ok = exporter;

	exporter_free(exporter);
	return ok;
}

bool
exporter_busy(const struct exporter *exporter)
{
	return exporter->carry->busy(exporter->transport);
}

struct sink
exporter_sink(struct exporter *exporter)
{
	return (struct sink){ .push = push, .flush = flush, .to = exporter };
}

const struct transport_stats *
exporter_stats(const struct exporter *exporter)
{
	return &exporter->stats;
}

const struct collector *
exporter_collector(const struct exporter *exporter)
{
	return exporter->collector;
}
