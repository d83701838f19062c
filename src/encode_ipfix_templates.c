/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fixbuf/public.h>
#include <gio/gio.h>
#include <stdbool.h>

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
	return built;
}

static bool
add_templates(fbSession_t *session, fbInfoModel_t *model,
	      const struct template_set *set, GError **error)
{
	for (int i = 0; i < TEMPLATE_N_FAMILIES; i++) {
		fbTemplate_t *built;

		if (set->family[i].n_fields == 0)
			continue;
		built = build_template(model, &set->family[i], error);
		if (!built)
			return false;
		if (!fbSessionAddTemplate(session, FALSE, IPFIX_TEMPLATE_ID + i,
					  built, error)) {
			fbTemplateFreeUnused(built);
			return false;
		}
	}
	return true;
}

/* Takes SESSION. */
static GPtrArray *
render_session(fbSession_t *session, const struct template_set *set,
	       uint16_t mtu, GError **error)
{
	g_autofree uint8_t *data = g_malloc(mtu);
	struct render render = {
		.session = session,
		.exporter = fbExporterAllocBuffer(data, mtu),
		.data = data,
		.messages = g_ptr_array_new_with_free_func(free_bytes),
	};
	bool good = true;

	render.fbuf = fBufAllocForExport(session, render.exporter);
	fBufSetAutomaticMode(render.fbuf, FALSE);
	for (int i = 0; good && i < TEMPLATE_N_FAMILIES; i++) {
		if (set->family[i].n_fields > 0)
			good = render_template(&render, IPFIX_TEMPLATE_ID + i,
					       error);
	}
	good = good && render_emit(&render, error);
	fBufFree(render.fbuf);
	if (!good)
		g_clear_pointer(&render.messages, g_ptr_array_unref);
	return render.messages;
}

GPtrArray *
ipfix_templates(const struct template_set *set, uint16_t mtu, GError **error)
{
	fbInfoModel_t *model = fbInfoModelAlloc();
	fbSession_t *session = fbSessionAlloc(model);
	GPtrArray *messages = NULL;
	GError *failure = NULL; /* libfixbuf looks into it: ERROR may be NULL */

	if (add_templates(session, model, set, &failure))
		messages = render_session(session, set, mtu, &failure);
	else
		fbSessionFree(session);
	fbInfoModelFree(model);
	if (failure)
		g_propagate_error(error, failure);
	return messages;
}
