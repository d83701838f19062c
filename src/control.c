/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control_client.h"
#include "control_request.h"
#include "control_survey.h"
#include "log.h"
#include "loop.h"

#define PAUSE_MS 1000 /* when there is no descriptor for one more */

static const char too_many[] = "{\"error\":\"too many clients\"}\n";

/* Who waits for a survey, or a reload: what takes long is done one at a time,
 * and not two of them in a turn of the loop. */
struct job {
	struct client *client;
	struct control_request request;
};

struct control {
	struct control_args args;
	guint source;	/* on the socket, or until we listen again */
	GList *clients; /* of struct client */
	guint n_clients;
	GQueue jobs; /* of struct job: the first one's is under way */
	struct survey survey;
	guint reload; /* that is under way, or 0 */
};

static void begin_job(struct control *control);

static void
end_job(struct control *control)
{
	survey_clear(&control->survey);
	g_free(g_queue_pop_head(&control->jobs));
	if (!g_queue_is_empty(&control->jobs))
		begin_job(control);
}

/* As decorate would have it, and since they began. */
static void
dress(GArray *flows, const struct iftable *iftable)
{
	for (guint i = 0; i < flows->len; i++) {
		struct record *record = &g_array_index(flows, struct record, i);
		const struct iface *iface = iftable_find_at(
			iftable, record->key.if_index, record->boot_ns);
		uint64_t first_ns = record->value.origin.first_ns;

		if (record->key.direction == FLOW_EGRESS)
			record->out = iface;
		else
			record->in = iface;
		record->value.octets = record->total_octets;
		record->value.packets = record->total_packets;
		if (first_ns < record->boot_ns)
			record->start_ns =
				record->end_ns - (record->boot_ns - first_ns);
	}
}

static void
on_surveyed(void *to, struct survey *survey)
{
	struct control *control = to;
	const struct job *job = g_queue_peek_head(&control->jobs);
	struct control_reply *reply = client_reply(job->client);
	const struct live_view view =
		live_look(pipeline_live(control->args.pipeline));

	if (job->request.command == CONTROL_FLOWS) {
		GArray *flows = biggest_take(&survey->biggest);

		dress(flows, view.args->iftable);
		reply_flows(reply, flows, survey->n_open);
	} else {
		reply_interfaces(reply, monitor_look(control->args.monitor),
				 survey->traffic);
	}
	client_send(job->client);
	end_job(control);
}

static gboolean
on_reload(void *to)
{
	struct control *control = to;
	const struct job *job = g_queue_peek_head(&control->jobs);
	struct control_reply *reply = client_reply(job->client);
	g_autoptr(GString) said = g_string_new(NULL);

	if (control->args.reload(control->args.to, said))
		reply_done(reply, said->len ? said->str : NULL);
	else
		reply_error(reply, said->str);
	client_send(job->client);
	control->reload = 0;
	end_job(control);
	return G_SOURCE_REMOVE;
}

static void
begin_job(struct control *control)
{
	const struct job *job = g_queue_peek_head(&control->jobs);

	if (job->request.command == CONTROL_RELOAD) {
		control->reload = g_idle_add(on_reload, control);
		return;
	}
	control->survey = (struct survey){
		.pipeline = control->args.pipeline,
		.done = on_surveyed,
		.to = control,
	};
	survey_begin(&control->survey, &job->request);
}

static void
add_job(struct control *control, struct client *client,
	const struct control_request *request)
{
	struct job *job = g_new(struct job, 1);

	*job = (struct job){ client, *request };
	g_queue_push_tail(&control->jobs, job);
	if (control->jobs.length == 1)
		begin_job(control);
}

static void
answer(struct control *control, struct client *client,
       const struct control_request *request)
{
	struct monitor *monitor = control->args.monitor;
	struct control_reply *reply = client_reply(client);

	switch (request->command) {
	case CONTROL_STATUS:
		reply_status(reply, monitor_look(monitor));
		break;
	case CONTROL_STATS:
		reply_stats(reply, monitor_look(monitor));
		break;
	case CONTROL_COLLECTORS:
		reply_collectors(reply, monitor_look(monitor));
		break;
	case CONTROL_FLUSH:
		pipeline_report(control->args.pipeline);
		reply_done(reply, NULL);
		break;
	case CONTROL_RELOAD:
	case CONTROL_INTERFACES:
	case CONTROL_FLOWS:
		add_job(control, client, request);
		return;
	}
	client_send(client);
}

static void
on_asked(void *to, struct client *client, const char *line, size_t len)
{
	struct control_request request;
	g_autoptr(GError) error = NULL;

	if (control_request_parse(&request, line, len, &error)) {
		answer(to, client, &request);
		return;
	}
	reply_error(client_reply(client), error->message);
	client_send(client);
}

/* Whoever waits for a job's end is not listened to: only its end, with ours. */
static void
on_gone(void *to, struct client *client)
{
	struct control *control = to;

	control->clients = g_list_remove(control->clients, client);
	control->n_clients--;
}

static void
welcome(struct control *control, int fd)
{
	const struct client_args args = {
		.fd = fd,
		.asked = on_asked,
		.gone = on_gone,
		.to = control,
	};

	if (control->n_clients == CONTROL_MAX_CLIENTS) {
		if (send(fd, too_many, strlen(too_many),
			 MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			log_debug("control: %s", g_strerror(errno));
		close(fd);
		return;
	}
	control->clients = g_list_prepend(control->clients, client_new(&args));
	control->n_clients++;
}

static void listen_again(struct control *control);

static gboolean
on_pause_over(void *to)
{
	listen_again(to);
	return G_SOURCE_REMOVE;
}

static gboolean
on_connection(int listening, GIOCondition condition, void *to)
{
	struct control *control = to;
	int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)condition;
	if (fd >= 0)
		welcome(control, fd);
	if (fd >= 0 || errno == EAGAIN || errno == EINTR ||
	    errno == ECONNABORTED)
		return G_SOURCE_CONTINUE;
	log_debug("control: %s", g_strerror(errno));
	control->source = g_timeout_add(PAUSE_MS, on_pause_over, control);
	return G_SOURCE_REMOVE;
}

static void
listen_again(struct control *control)
{
	control->source = g_unix_fd_add_full(
		LOOP_CLIENTS, control_socket_fd(control->args.socket), G_IO_IN,
		on_connection, control, NULL);
}

struct control *
control_new(const struct control_args *args)
{
	struct control *control = g_new0(struct control, 1);

	control->args = *args;
	g_queue_init(&control->jobs);
	listen_again(control);
	return control;
}

void
control_free(struct control *control)
{
	if (!control)
		return;
	g_source_remove(control->source);
	g_clear_handle_id(&control->reload, g_source_remove);
	survey_clear(&control->survey);
	g_queue_clear_full(&control->jobs, g_free);
	g_list_free_full(control->clients, (GDestroyNotify)client_free);
	g_free(control);
}
