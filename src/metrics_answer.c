/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics_answer.h"

#include <string.h>

#define TEXT	"text/plain; charset=utf-8"
#define METRICS "text/plain; version=0.0.4; charset=utf-8"
#define HTML	"text/html; charset=utf-8"

/* Takes BODY, which is malloc()'s. */
static struct MHD_Response *
make_response(const char *type, char *body)
{
	struct MHD_Response *response = mhd.create_response_from_buffer(
		strlen(body), body, MHD_RESPMEM_MUST_FREE);

	if (response)
		mhd.add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
					type);
	else
		free(body);
	return response;
}

static enum MHD_Result
reply(struct MHD_Connection *client, unsigned status, const char *type,
      const char *text)
{
	struct MHD_Response *response = make_response(type, g_strdup(text));
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		mhd.add_response_header(response, MHD_HTTP_HEADER_ALLOW,
					"GET, HEAD");
	result = mhd.queue_response(client, status, response);
	mhd.destroy_response(response);
	return result;
}

static enum MHD_Result
reply_page(struct MHD_Connection *client, struct answerer *answerer)
{
	GString *page;

	if (!answerer->page) {
		page = g_string_new(NULL);
		answerer->write(page, answerer->to);
		answerer->page =
			make_response(METRICS, g_string_free(page, FALSE));
	}
	return answerer->page
		       ? mhd.queue_response(client, MHD_HTTP_OK, answerer->page)
		       : MHD_NO;
}

enum MHD_Result
answer(void *to, struct MHD_Connection *client, const char *path,
       const char *method, const char *version, const char *upload,
       size_t *upload_len, void **request)
{
	(void)version;
	(void)upload;
	(void)upload_len;
	(void)request;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return reply(client, MHD_HTTP_METHOD_NOT_ALLOWED, TEXT,
			     "GET or HEAD, please\n");
	if (strcmp(path, "/metrics") == 0)
		return reply_page(client, to);
	if (strcmp(path, "/") == 0)
		return reply(client, MHD_HTTP_OK, HTML,
			     "<!DOCTYPE html>\n<title>flowexport</title>\n"
			     "<p>flowexport: "
			     "<a href=\"/metrics\">metrics</a>\n");
	return reply(client, MHD_HTTP_NOT_FOUND, TEXT,
		     "not here: see /metrics\n");
}

void
answer_forget_page(struct answerer *answerer)
{
	g_clear_pointer(&answerer->page, mhd.destroy_response);
}
