/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipfix.h"

#include "sets.h"

#define INTERNAL_ID 1000

struct template_set *
ipfix_standard_set(void)
{
	struct template_set *set = sets_shipped("standard");

	for (int i = 0; i < OPTIONS_N; i++)
		set->options[i].n_fields = 0;
	return set;
}

uint32_t
ipfix_get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

void
ipfix_check_header(const struct message *message, uint32_t export_s,
		   uint32_t sequence, uint32_t domain)
{
	const uint8_t *data = message->data;

	g_assert_cmpuint(ipfix_get32(data), ==, 10 << 16 | message->len);
	g_assert_cmpuint(ipfix_get32(data + 4), ==, export_s);
	g_assert_cmpuint(ipfix_get32(data + 8), ==, sequence);
	g_assert_cmpuint(ipfix_get32(data + 12), ==, domain);
}

static fbInfoElementSpec_t decoded_spec[] = {
	{ (char *)"sourceIPv4Address", 4, 0 },
	{ (char *)"destinationIPv4Address", 4, 0 },
	{ (char *)"sourceIPv6Address", 16, 0 },
	{ (char *)"destinationIPv6Address", 16, 0 },
	{ (char *)"sourceTransportPort", 2, 0 },
	{ (char *)"destinationTransportPort", 2, 0 },
	{ (char *)"protocolIdentifier", 1, 0 },
	{ (char *)"ipVersion", 1, 0 },
	{ (char *)"ipClassOfService", 1, 0 },
	{ (char *)"ipTTL", 1, 0 },
	{ (char *)"flowLabelIPv6", 4, 0 },
	{ (char *)"tcpControlBits", 2, 0 },
	{ (char *)"icmpTypeCodeIPv4", 2, 0 },
	{ (char *)"icmpTypeCodeIPv6", 2, 0 },
	{ (char *)"sourceMacAddress", 6, 0 },
	{ (char *)"destinationMacAddress", 6, 0 },
	{ (char *)"vlanId", 2, 0 },
	{ (char *)"ingressInterface", 4, 0 },
	{ (char *)"egressInterface", 4, 0 },
	{ (char *)"octetDeltaCount", 8, 0 },
	{ (char *)"packetDeltaCount", 8, 0 },
	{ (char *)"flowStartMilliseconds", 8, 0 },
	{ (char *)"flowEndMilliseconds", 8, 0 },
	{ (char *)"flowDirection", 1, 0 },
	{ (char *)"flowEndReason", 1, 0 },
	FB_IESPEC_NULL,
};

struct decoder
decoder_new(void)
{
	struct decoder decoder = { .model = fbInfoModelAlloc() };
	fbSession_t *session = fbSessionAlloc(decoder.model);
	fbTemplate_t *template = fbTemplateAlloc(decoder.model);
	g_autoptr(GError) error = NULL;

	fbTemplateAppendSpecArray(template, decoded_spec, ~0U, &error);
	g_assert_no_error(error);
	fbSessionAddTemplate(session, TRUE, INTERNAL_ID, template, &error);
	g_assert_no_error(error);
	decoder.fbuf = fBufAllocForCollection(session, NULL);
	fBufSetInternalTemplate(decoder.fbuf, INTERNAL_ID, &error);
	g_assert_no_error(error);
	return decoder;
}

void
decoder_free(struct decoder *decoder)
{
	fBufFree(decoder->fbuf);
	fbInfoModelFree(decoder->model);
}

bool
decoder_next(struct decoder *decoder, struct decoded *decoded)
{
	g_autoptr(GError) error = NULL;
	size_t len = sizeof(*decoded);

	if (fBufNext(decoder->fbuf, (uint8_t *)decoded, &len, &error)) {
		g_assert_cmpuint(len, ==, sizeof(*decoded));
		return true;
	}
	g_assert_error(error, FB_ERROR_DOMAIN, FB_ERROR_BUFSZ);
	g_assert_cmpuint(fBufRemaining(decoder->fbuf), ==, 0);
	return false;
}

void
decoder_set(struct decoder *decoder, const struct message *message)
{
	fBufSetBuffer(decoder->fbuf, message->data, message->len);
}
