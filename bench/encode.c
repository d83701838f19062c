/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode.c - what it costs to write a record of the standard set's IPv4.
 *
 *	encode OUTPUT.json
 *
 * By both encoders, whole: filling messages of 1,400 octets and taking them; by
 * the plan alone; by libfixbuf's transcoder, into the same messages, from
 * records that are already laid out as its internal template wants them; and,
 * as the floor, by copying as many octets.  CPU time of one core.
 */
#include <err.h>
#include <fixbuf/public.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../test/records.h"
#include "encode.h"
#include "pipeline.h"
#include "plan.h"
#include "report.h"

enum {
	ROUNDS = 15,
	RECORDS = 64, /* different ones, in turn */
	REPEAT = 4000,
	N = RECORDS * REPEAT,
	MTU = 1400,
	DOMAIN = 1,
	INTERNAL_ID = 1000,
	EXTERNAL_ID = 256,
};

#define PROGRAM "flowexport"
#define WALL_NS 1700000000000000000ULL

struct transcoder {
	fbInfoModel_t *model;
	fBuf_t *fbuf;
	uint8_t message[MTU];
	uint8_t *records; /* laid out as the internal template */
	size_t len;	  /* of one */
};

struct bench {
	struct record records[RECORDS];
	struct template_set *set;
	struct encoder *ipfix, *v9;
	struct plan *plan;
	struct transcoder transcoder;
};

static double
cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

static double
by_encoder(const struct bench *bench, const struct encoder_ops *encode,
	   struct encoder *encoder)
{
	double begin = cpu_ns();
	struct message message;
	uint64_t sent = 0;

	for (int i = 0; i < N; i++) {
		const struct record *record = &bench->records[i % RECORDS];

		if (encode->add(encoder, record))
			continue;
		encode->take(encoder, WALL_NS, &message);
		sent += message.tally.records;
		encode->add(encoder, record);
	}
	while (encode->take(encoder, WALL_NS, &message))
		sent += message.tally.records;
	if (sent != N)
		errx(1, "%s: %" G_GUINT64_FORMAT " records of %d", encode->name,
		     sent, N);
	return (cpu_ns() - begin) / N;
}

static double
by_plan(const struct bench *bench)
{
	uint8_t out[MTU + PLAN_SLACK];
	const uint8_t *base[FIELD_N_FROM];
	double begin = cpu_ns();
	size_t at = 0;

	for (int i = 0; i < N; i++) {
		field_bases(&bench->records[i % RECORDS], base);
		plan_write(bench->plan, base, out + at);
		__asm__ volatile("" : : "r"(out) : "memory");
		at += bench->plan->len;
		if (at + bench->plan->len > MTU)
			at = 0;
	}
	return (cpu_ns() - begin) / N;
}

static void
die(GError *error)
{
	errx(1, "%s", error->message);
}

static double
by_transcoder(struct transcoder *transcoder)
{
	double begin = cpu_ns();

	for (int i = 0; i < N; i++) {
		uint8_t *at =
			transcoder->records + i % RECORDS * transcoder->len;
		GError *error = NULL;

		if (fBufAppend(transcoder->fbuf, at, transcoder->len, &error))
			continue;
		g_clear_error(&error);
		if (!fBufEmit(transcoder->fbuf, &error) ||
		    !fBufAppend(transcoder->fbuf, at, transcoder->len, &error))
			die(error);
	}
	return (cpu_ns() - begin) / N;
}

static double
by_memcpy(const struct transcoder *transcoder)
{
	uint8_t out[MTU];
	double begin = cpu_ns();
	size_t at = 0;

	for (int i = 0; i < N; i++) {
		memcpy(out + at,
		       transcoder->records + i % RECORDS * transcoder->len,
		       transcoder->len);
		__asm__ volatile("" : : "r"(out) : "memory");
		at += transcoder->len;
		if (at + transcoder->len > MTU)
			at = 0;
	}
	return (cpu_ns() - begin) / N;
}

static void
run_round(struct bench *bench, struct report *report)
{
	double plan = by_encoder(bench, &encode_ipfix, bench->ipfix);
	double v9 = by_encoder(bench, &encode_netflow9, bench->v9);
	double transcoder = by_transcoder(&bench->transcoder);

	report_add(report, "ipfix", PROGRAM, "ns", plan);
	report_add(report, "netflow9", PROGRAM, "ns", v9);
	report_add(report, "plan alone", PROGRAM, "ns", by_plan(bench));
	report_add(report, "ipfix", "libfixbuf", "ns", transcoder);
	report_add(report, "copy", "memcpy", "ns",
		   by_memcpy(&bench->transcoder));
	report_add(report, "ipfix to libfixbuf", PROGRAM, "ratio",
		   plan / transcoder);
	report_add(report, "netflow9 to ipfix", PROGRAM, "ratio", v9 / plan);
}

static fbTemplate_t *
build_template(fbInfoModel_t *model, const struct template *template)
{
	fbTemplate_t *built = fbTemplateAlloc(model);
	GError *error = NULL;

	for (size_t i = 0; i < template->n_fields; i++) {
		fbInfoElement_t element = {
			.num = template->fields[i].field->id,
			.len = template->fields[i].length,
		};

		if (!fbTemplateAppend(built, &element, &error))
			die(error);
	}
	return built;
}

/* As the template has it, but integers in the host's order. */
static void
lay_out(const struct template *template, const struct record *record,
	uint8_t *at)
{
	for (size_t i = 0; i < template->n_fields; i++) {
		const struct template_field *tf = &template->fields[i];

		if (field_is_integer(tf->field)) {
			uint64_t value = field_uint(tf->field, record);

			memcpy(at, &value, tf->length);
		} else {
			memcpy(at, field_at(tf->field, record), tf->length);
		}
		at += tf->length;
	}
}

static void
init_transcoder(struct bench *bench, const struct template *template)
{
	struct transcoder *transcoder = &bench->transcoder;
	fbSession_t *session;
	GError *error = NULL;

	transcoder->len = template->len;
	transcoder->records = g_malloc(RECORDS * template->len);
	for (int i = 0; i < RECORDS; i++)
		lay_out(template, &bench->records[i],
			transcoder->records + i * template->len);
	transcoder->model = fbInfoModelAlloc();
	session = fbSessionAlloc(transcoder->model);
	fbSessionSetDomain(session, DOMAIN);
	if (!fbSessionAddTemplate(session, TRUE, INTERNAL_ID,
				  build_template(transcoder->model, template),
				  &error) ||
	    !fbSessionAddTemplate(session, FALSE, EXTERNAL_ID,
				  build_template(transcoder->model, template),
				  &error))
		die(error);
	transcoder->fbuf = fBufAllocForExport(
		session, fbExporterAllocBuffer(transcoder->message, MTU));
	fBufSetAutomaticMode(transcoder->fbuf, FALSE);
	if (!fBufSetInternalTemplate(transcoder->fbuf, INTERNAL_ID, &error) ||
	    !fBufSetExportTemplate(transcoder->fbuf, EXTERNAL_ID, &error))
		die(error);
}

static void
init(struct bench *bench)
{
	g_autoptr(GError) error = NULL;

	for (int i = 0; i < RECORDS; i++) {
		records_fill(&bench->records[i],
			     i % 4 ? RECORDS_TCP4 : RECORDS_EGRESS);
		bench->records[i].key.src_port += i;
		bench->records[i].value.octets += i;
	}
	bench->set =
		template_set_load("standard", pipeline_template_dirs(), &error);
	if (!bench->set)
		die(error);
	bench->ipfix = encode_ipfix.new(bench->set, DOMAIN, MTU, &error);
	bench->v9 = encode_netflow9.new(bench->set, DOMAIN, MTU, &error);
	if (!bench->ipfix || !bench->v9)
		die(error);
	bench->plan = plan_new(&bench->set->family[TEMPLATE_IPV4]);
	init_transcoder(bench, &bench->set->family[TEMPLATE_IPV4]);
}

static void
clear(struct bench *bench)
{
	fBufFree(bench->transcoder.fbuf);
	fbInfoModelFree(bench->transcoder.model);
	g_free(bench->transcoder.records);
	plan_free(bench->plan);
	encode_ipfix.free(bench->ipfix);
	encode_netflow9.free(bench->v9);
	template_set_free(bench->set);
}

int
main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	static struct bench bench;
	struct report *report;

	if (argc != 2)
		errx(2, "usage: encode OUTPUT.json");
	init(&bench);
	report = report_new();
	for (int i = 0; i < ROUNDS; i++)
		run_round(&bench, report);
	if (!report_write(report, argv[1], &error))
		die(error);
	report_free(report);
	clear(&bench);
	return EXIT_SUCCESS;
}
