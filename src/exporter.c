/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "exporter.h"

#include <gio/gio.h>
#include <string.h>

#include "biflow.h"
#include "exporter_notices.h"
#include "exporter_session.h"

struct exporter {
	const struct collector *collector;
	struct template_set *set;
	const struct encoder_ops *encode;
	struct encoder *encoder;
	const struct transport_ops *carry;
	struct session *session;
	struct notices *notices; /* NULL: exporter_tell() was not called */
	struct biflow *biflow;	 /* NULL: the collector wants none */
	struct transport_stats stats;
	struct transport_state state;
};

static void
push(void *to, struct record *record)
{
	struct exporter *exporter = to;

	if (template_for(exporter->set, record)->n_fields)
		session_push(exporter->session, record);
	else
		exporter->stats.records_skipped++;
}

static void
flush(void *to)
{
	struct exporter *exporter = to;

	session_flush(exporter->session);
}

static bool
has_port(const struct exporter *exporter, GError **error)
{
	if (exporter->collector->port || exporter->encode->default_port ||
	    exporter->carry == &transport_file)
		return true;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
		    "%s has no port of its own: say which",
		    exporter->encode->name);
	return false;
}

static bool
add_biflow(struct exporter *exporter, GError **error)
{
	const struct collector *collector = exporter->collector;

	if (!collector->biflow)
		return true;
	if (exporter->encode->field_id(exporter->set, field_reverse))
		return template_set_add_biflow(exporter->set, error);
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
		    "biflow: %s has no elements for it", collector->protocol);
	return false;
}

static bool
suit_each_other(const struct exporter *exporter, GError **error)
{
	if (exporter->encode->frames == exporter->carry->frames)
		return true;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
		    "%s does not go over %s", exporter->encode->name,
		    exporter->carry->name);
	return false;
}

static bool
add_encoder(struct exporter *exporter, uint32_t domain, GError **error)
{
	const struct collector *collector = exporter->collector;
	const struct encoder_ops *encode = exporter->encode;

	if (encode->ip_only)
		exporter->set->family[TEMPLATE_OTHER].n_fields = 0;
	exporter->encoder = encode->new(exporter->set, domain,
					 collector_mtu(collector), error);
	if (exporter->encoder && encode->configure)
		encode->configure(exporter->encoder, collector);
	return exporter->encoder;
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
	if (!suit_each_other(exporter, error) || !has_port(exporter, error))
		return false;
	exporter->set = template_set_load(collector->template_set,
					  template_dirs, error);
	return exporter->set && add_biflow(exporter, error) &&
	       add_encoder(exporter, domain, error);
}

static bool
begin_session(struct exporter *exporter, bool patient, GError **error)
{
	const struct session_args args = {
		.collector = exporter->collector,
		.encode = exporter->encode,
		.encoder = exporter->encoder,
		.carry = exporter->carry,
		.stats = &exporter->stats,
		.state = &exporter->state,
		.patient = patient,
	};

	const struct sink sink = { push, flush, exporter };

	if (exporter->collector->biflow)
		exporter->biflow = biflow_new(BIFLOW_MAX, !patient, &sink,
					      &exporter->stats.records_joined);
	exporter->session = session_new(&args, error);
	return exporter->session;
}

static void
add_origin(const struct collector *collector, GError **error)
{
	g_prefix_error(error, "%s: collector %s: ", collector->origin,
		       collector->name);
}

static struct exporter *
make(const struct collector *collector, uint32_t domain,
     const char *const *template_dirs, GError **error)
{
	struct exporter *exporter = g_new0(struct exporter, 1);

	exporter->collector = collector;
	if (prepare(exporter, domain, template_dirs, error))
		return exporter;
	add_origin(collector, error);
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
	if (begin_session(exporter, patient, error))
		return exporter;
	add_origin(collector, error);
	exporter_free(exporter);
	return NULL;
}

void
exporter_free(struct exporter *exporter)
{
	if (!exporter)
		return;
	biflow_free(exporter->biflow);
	session_free(exporter->session);
	notices_free(exporter->notices);
	if (exporter->encoder)
		exporter->encode->free(exporter->encoder);
	template_set_free(exporter->set);
	g_free(exporter);
}

void
exporter_tell(struct exporter *exporter, const struct exporter_sources *sources)
{
	const struct notices_args args = {
		.sources = sources,
		.set = exporter->set,
		.encode = exporter->encode,
		.encoder = exporter->encoder,
		.stats = &exporter->stats,
	};

	exporter->notices = notices_new(&args);
	session_tell(exporter->session, exporter->notices);
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
exporter_is_current(const struct exporter *exporter,
		    const char *const *template_dirs)
{
	struct template_set *set = template_set_load(
		exporter->collector->template_set, template_dirs, NULL);
	bool same = set && template_set_same(exporter->set, set);

	template_set_free(set);
	return same;
}

static void
append_left_out(GString *names, const struct exporter *exporter,
		const struct template *template)
{
	for (size_t i = 0; i < template->n_fields; i++) {
		const struct field *field = template->fields[i].field;

		if (!exporter->encode->field_id(exporter->set, field) &&
		    !strstr(names->str, field->name))
			g_string_append_printf(names, " %s", field->name);
	}
}

char *
exporter_left_out(const struct collector *collector, uint32_t domain,
		  const char *const *template_dirs)
{
	struct exporter *exporter =
		make(collector, domain, template_dirs, NULL);
	GString *names = g_string_new(NULL);

	for (int i = 0; exporter && i < TEMPLATE_N_FAMILIES; i++)
		append_left_out(names, exporter, &exporter->set->family[i]);
	exporter_free(exporter);
	if (names->len > 0)
		g_string_erase(names, 0, 1);
	return g_string_free(names, names->len == 0);
}

bool
exporter_supported(const struct collector *collector, GError **error)
{
	const struct transport_ops *carry =
		transport_find(collector->transport, NULL);

	if (!carry->supported || carry->supported(error))
		return true;
	add_origin(collector, error);
	return false;
}

bool
exporter_busy(struct exporter *exporter)
{
	if (exporter->biflow)
		biflow_release(exporter->biflow);
	return session_busy(exporter->session);
}

bool
exporter_wants_extremes(struct exporter *exporter)
{
	return template_set_has_extremes(exporter->set);
}

bool
exporter_pressed(struct exporter *exporter)
{
	return session_pressed(exporter->session);
}

bool
exporter_healthy(const struct exporter *exporter)
{
	return session_healthy(exporter->session);
}

void
exporter_give_up(struct exporter *exporter)
{
	session_give_up(exporter->session);
}

struct sink
exporter_sink(struct exporter *exporter)
{
	return exporter->biflow ? biflow_sink(exporter->biflow)
				: (struct sink){ push, flush, exporter };
}

void
exporter_look(const struct exporter *exporter, struct exporter_state *state)
{
	size_t n_waiting, room;

	session_look(exporter->session, &n_waiting, &room);
	*state = (struct exporter_state){
		.collector = exporter->collector,
		.port = exporter->collector->port
				?: exporter->encode->default_port,
		.stats = &exporter->stats,
		.transport = &exporter->state,
		.n_waiting = n_waiting,
		.n_max = n_waiting + room,
	};
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
