/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source_pcap.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <string.h>
#include <sys/stat.h>

#include "../bpf/parse.h"
#include "source_link.h"

enum {
	BATCH = 32,	     /* packets: their cache misses overlap */
	BATCHES = 64,	     /* a call of source_pcap_read() */
	BUFFER_LEN = 1 << 18 /* of a file; stdio's own is 4 KiB */
};

/* Ticks are modulo 2^32, which is 71 minutes: half of that. */
#define BACK_NS (30 * 60 * CLOCK_SECOND_NS)

struct source_pcap {
	const char *const *files; /* the open one, and those to come */
	struct table *table;
	struct flow_counters *counters;

	pcap_t *pcap;
	FILE *file; /* pcap's */
	char *buffer;
	const struct link_type *link;
	uint64_t n_read; /* packets, of this file */

	/* The packet that was read and not yet taken. */
	struct pcap_pkthdr *header;
	const uint8_t *data;
	uint64_t next_ns;

	struct flow_packet batch[BATCH];
	unsigned n, at; /* packets in it, and those accounted */
	bool refused;	/* the one at AT found no room already */

	uint64_t last_ns;
	bool back; /* SOURCE_BACK was told */
	uint64_t done, size;
	GString *complaints;
};

static const char *
name_of(const char *file)
{
	return strcmp(file, "-") == 0 ? "standard input" : file;
}

static void
complain(struct source_pcap *source, const char *what)
{
	g_string_append_printf(source->complaints, "%s%s: %s",
			       source->complaints->len ? "\n" : "",
			       name_of(*source->files), what);
}

static uint64_t
size_of(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0 && S_ISREG(st.st_mode) ? st.st_size : 0;
}

struct source_pcap *
source_pcap_new(const char *const *files, struct table *table,
		struct flow_counters *counters)
{
	struct source_pcap *source = g_new0(struct source_pcap, 1);

	source->files = files;
	source->table = table;
	source->counters = counters;
	source->buffer = g_malloc(BUFFER_LEN);
	source->complaints = g_string_new(NULL);
	for (; *files; files++)
		source->size += size_of(*files);
	return source;
}

static void
close_file(struct source_pcap *source)
{
	source->done += size_of(*source->files);
	if (source->pcap)
		pcap_close(source->pcap);
	else if (source->file)
		fclose(source->file);
	source->pcap = NULL;
	source->file = NULL;
	source->header = NULL;
	source->n_read = 0;
	source->files++;
}

void
source_pcap_free(struct source_pcap *source)
{
	if (!source)
		return;
	if (source->pcap)
		close_file(source);
	g_string_free(source->complaints, TRUE);
	g_free(source->buffer);
	g_free(source);
}

static bool
open_file(struct source_pcap *source)
{
	const char *name = *source->files;
	char error[PCAP_ERRBUF_SIZE];

	source->file =
		strcmp(name, "-") == 0 ? fdopen(0, "re") : fopen(name, "re");
	if (!source->file) {
		complain(source, g_strerror(errno));
		return false;
	}
	setvbuf(source->file, source->buffer, _IOFBF, BUFFER_LEN);
	source->pcap = pcap_fopen_offline_with_tstamp_precision(
		source->file, PCAP_TSTAMP_PRECISION_NANO, error);
	if (!source->pcap) {
		complain(source, error);
		return false;
	}
	source->link = link_find(pcap_datalink(source->pcap));
	if (!source->link) {
		g_autofree char *what =
			g_strdup_printf("link type not supported: %s",
					pcap_datalink_val_to_description_or_dlt(
						pcap_datalink(source->pcap)));

		complain(source, what);
	}
	return source->link;
}

/* The packet after those that were read is cut or damaged. */
static void
complain_of_packet(struct source_pcap *source)
{
	g_autofree char *what =
		g_strdup_printf("packet %" G_GUINT64_FORMAT ": %s",
				source->n_read + 1, pcap_geterr(source->pcap));

	complain(source, what);
}

/* In nanoseconds, as asked for.  A damaged file has any time, even before 1970;
 * none is so late that what is added to it wraps. */
static uint64_t
time_of(const struct pcap_pkthdr *header)
{
	const int64_t max = INT64_MAX / CLOCK_SECOND_NS - 1;
	const int64_t max_ns = CLOCK_SECOND_NS - 1;

	return (uint64_t)CLAMP(header->ts.tv_sec, 0, max) * CLOCK_SECOND_NS +
	       (uint64_t)CLAMP(header->ts.tv_usec, 0, max_ns);
}

/* The next packet of any file, in header and data; false: there is none. */
static bool
next_packet(struct source_pcap *source)
{
	while (!source->header && *source->files) {
		int got = PCAP_ERROR_BREAK;

		if (source->pcap || open_file(source))
			got = pcap_next_ex(source->pcap, &source->header,
					   &source->data);
		if (got == 1)
			break;
		if (got == PCAP_ERROR)
			complain_of_packet(source);
		close_file(source);
	}
	if (!source->header)
		return false;
	source->next_ns = time_of(source->header);
	return true;
}

static int
parse(const struct source_pcap *source, struct flow_packet *to)
{
	const struct pcap_pkthdr *header = source->header;
	struct link_packet link = { 0 };
	struct packet packet = { 0 };

	if (!source->link->read(source->data, header->caplen, &link, &to->key,
				&to->value.origin) ||
	    link.header_len > header->caplen)
		return PARSE_MALFORMED;
	packet.len = MAX(header->len, header->caplen) - link.header_len;
	packet.protocol = link.protocol;
	return parse_packet(source->data + link.header_len,
			    source->data + header->caplen, &packet, &to->key,
			    &to->value);
}

/* Adds the packet that was read to the batch, or to a counter. */
static void
take(struct source_pcap *source)
{
	struct flow_packet *to = &source->batch[source->n];
	int result;

	memset(to, 0, sizeof(*to));
	result = parse(source, to);
	source->header = NULL;
	source->n_read++;
	source->counters->packets_seen++;
	if (result == PARSE_MALFORMED) {
		source->counters->packets_malformed++;
		return;
	}
	source->counters->octets_seen += to->value.octets;
	to->value.origin.first_ns = source->next_ns;
	to->value.last = source->next_ns / SOURCE_TICK_NS;
	source->last_ns = MAX(source->last_ns, source->next_ns);
	source->n++;
}

/* What is in the batch into the table; SOURCE_FULL once a packet that finds no
 * room, and where that did not help, a counter. */
static enum source_state
account(struct source_pcap *source)
{
	struct flow_counters *counters = source->counters;

	while (source->at < source->n) {
		struct flow_packet *packet = &source->batch[source->at];
		unsigned n = flowtable_account_all(source->table, packet,
						   source->n - source->at,
						   &counters->flows_created);

		source->at += n;
		if (source->at == source->n)
			break;
		if (n > 0 || !source->refused) {
			source->refused = true;
			return SOURCE_FULL;
		}
		packet = &source->batch[source->at++];
		counters->packets_unaccounted += packet->value.packets;
		counters->octets_unaccounted += packet->value.octets;
	}
	source->refused = false;
	source->n = source->at = 0;
	return SOURCE_MORE;
}

/* Reads a batch, or what there is before UNTIL_NS. */
static enum source_state
fill(struct source_pcap *source, uint64_t until_ns)
{
	while (source->n < BATCH) {
		if (!next_packet(source))
			return SOURCE_END;
		if (source->next_ns + BACK_NS < source->last_ns)
			return SOURCE_BACK;
		if (source->next_ns >= until_ns)
			return SOURCE_DUE;
		take(source);
	}
	return SOURCE_MORE;
}

enum source_state
source_pcap_read(struct source_pcap *source, uint64_t until_ns)
{
	enum source_state state = account(source);

	if (source->back)
		source->last_ns = source->next_ns;
	source->back = false;
	for (int i = 0; i < BATCHES && state == SOURCE_MORE; i++) {
		state = fill(source, until_ns);
		/* What ended the batch comes again at the next call. */
		if (account(source) == SOURCE_FULL)
			return SOURCE_FULL;
	}
	source->back = state == SOURCE_BACK;
	return state;
}

uint64_t
source_pcap_last_ns(const struct source_pcap *source)
{
	return source->last_ns;
}

uint64_t
source_pcap_next_ns(const struct source_pcap *source)
{
	return source->next_ns;
}

const char *
source_pcap_complaints(const struct source_pcap *source)
{
	return source->complaints->len ? source->complaints->str : NULL;
}

uint64_t
source_pcap_done(const struct source_pcap *source)
{
	off_t at = source->file ? ftello(source->file) : 0;

	return source->done + MAX(at, 0);
}

uint64_t
source_pcap_size(const struct source_pcap *source)
{
	return source->size;
}
