/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fixbuf/public.h>
#include <gio/gio.h>
#include <stdbool.h>

#include "encode_ipfix_set.h"
#include "encode_ipfix_templates.h"

struct render {
	fBuf_t *fbuf; /* owns session and exporter */
	fbSession_t *session;
	fbExporter_t *exporter;
	uint8_t *data;
	bool filled;
	GPtrArray *messages;
};

static void
free_bytes(gpointer bytes)
{
	g_byte_array_unref(bytes);
}

/* An empty message is not emitted, but its length would be the last one's. */
static bool
render_emit(struct render *render, GError **error)
{
	GByteArray *bytes;

	if (!render->filled)
		return true;
	render->filled = false;
	if (!fBufEmit(render->fbuf, error))
		return false;
	bytes = g_byte_array_new();
	g_byte_array_append(bytes, render->data,
			    fbExporterGetMsgLen(render->exporter));
	g_ptr_array_add(render->messages, bytes);
	return true;
}

/* FB_ERROR_EOM comes when a message is full, and before the very first. */
static bool
render_template(struct render *render, uint16_t id, GError **error)
{
	g_autoptr(GError) full = NULL;

	if (!fbSessionExportTemplate(render->session, id, &full) &&
	    (!render_emit(render, error) ||
	     !fbSessionExportTemplate(render->session, id, error)))
		return false;
	render->filled = true;
	return true;
}

static fbTemplate_t *
build_template(fbInfoModel_t *model, const struct template *template,
	       GError **error)
{
	fbTemplate_t *built = fbTemplateAlloc(model);

	for (size_t i = 0; i < template->n_fields; i++) {
		const struct template_field *tf = &template->fields[i];
		fbInfoElement_t element = {
			.ent = tf->field->pen,
			.num = tf->field->id,
			.len = tf->length,
		};

		if (!fbTemplateAppend(built, &element, error)) {
			fbTemplateFreeUnused(built);
			return NULL;
		}
	}
	if (template->n_scope > 0)
		fbTemplateSetOptionsScope(built, template->n_scope);
	return built;
}

static bool
add_templates(fbSession_t *session, fbInfoModel_t *model,
	      const struct ipfix_template *templates, size_t n, GError **error)
{
	for (size_t i = 0; i < n; i++) {
		fbTemplate_t *built =
			build_template(model, templates[i].template, error);

		if (!built)
			return false;
		if (!fbSessionAddTemplate(session, FALSE, templates[i].id,
					  built, error)) {
			fbTemplateFreeUnused(built);
			return false;
		}
	}
	return true;
}

/* Some collectors read the first only of several in an options template set, so
 * each gets its own. */
static bool
render_all(struct render *render, const struct ipfix_template *templates,
	   size_t n, GError **error)
{
	for (size_t i = 0; i < n; i++) {
		if (templates[i].template->n_scope > 0 &&
		    !render_emit(render, error))
			return false;
		if (!render_template(render, templates[i].id, error))
			return false;
	}
	return render_emit(render, error);
}

/* Takes SESSION. */
static GPtrArray *
render_session(fbSession_t *session, const struct ipfix_template *templates,
	       size_t n, uint16_t mtu, GError **error)
{
	g_autofree uint8_t *data = g_malloc(mtu);
	struct render render = {
		.session = session,
		.exporter = fbExporterAllocBuffer(data, mtu),
		.data = data,
		.messages = g_ptr_array_new_with_free_func(free_bytes),
	};

	render.fbuf = fBufAllocForExport(session, render.exporter);
	fBufSetAutomaticMode(render.fbuf, FALSE);
	if (!render_all(&render, templates, n, error))
		g_clear_pointer(&render.messages, g_ptr_array_unref);
	fBufFree(render.fbuf);
	return render.messages;
}

/* Sets that fit into one message share it. */
static void
pack(GPtrArray *messages, size_t mtu)
{
	for (guint i = 1; i < messages->len;) {
		GByteArray *first = messages->pdata[i - 1];
		GByteArray *second = messages->pdata[i];

		if (first->len + second->len - IPFIX_HEADER_LEN > mtu) {
			i++;
			continue;
		}
		g_byte_array_append(first, second->data + IPFIX_HEADER_LEN,
				    second->len - IPFIX_HEADER_LEN);
		g_ptr_array_remove_index(messages, i);
	}
}

GPtrArray *
ipfix_templates(const struct ipfix_template *templates, size_t n, uint16_t mtu,
		GError **error)
{
	fbInfoModel_t *model = fbInfoModelAlloc();
	fbSession_t *session = fbSessionAlloc(model);
	GPtrArray *messages = NULL;
	GError *failure = NULL; /* libfixbuf looks into it: ERROR may be NULL */

	if (add_templates(session, model, templates, n, &failure))
		messages = render_session(session, templates, n, mtu, &failure);
	else
		fbSessionFree(session);
	fbInfoModelFree(model);
	if (messages)
		pack(messages, mtu);
	else
		g_propagate_error(error, failure);
	return messages;
}
