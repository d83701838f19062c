/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pcapread.h"

#include "pcapfile.h"

struct pcapread *
pcapread_new(uint32_t max)
{
	struct pcapread *f = g_new0(struct pcapread, 1);

	f->dir = pcapfile_make_dir();
	f->table = flowtable_new(max, false);
	return f;
}

void
pcapread_free(struct pcapread *f)
{
	source_pcap_free(f->source);
	flowtable_free(f->table);
	for (guint i = 0; i < f->n_files; i++)
		g_free(f->paths[i]);
	pcapfile_remove_dir(f->dir);
	g_free(f);
}

const char *
pcapread_add(struct pcapread *f, GByteArray *octets)
{
	g_autofree char *name = g_strdup_printf("%u.pcap", f->n_files);
	char *path = pcapfile_write(f->dir, name, octets->data, octets->len);

	g_byte_array_unref(octets);
	g_assert_cmpuint(f->n_files, <, PCAPREAD_MAX);
	f->files[f->n_files] = path;
	f->paths[f->n_files++] = path;
	return path;
}

void
pcapread_open(struct pcapread *f)
{
	f->source = source_pcap_new(f->files, f->table, &f->counters);
}

void
pcapread_all(struct pcapread *f)
{
	enum source_state state;

	if (!f->source)
		pcapread_open(f);
	do
		state = source_pcap_read(f->source, UINT64_MAX);
	while (state == SOURCE_MORE);
	g_assert_cmpint(state, ==, SOURCE_END);
	/* and that is what it stays at */
	g_assert_cmpint(source_pcap_read(f->source, 0), ==, SOURCE_END);
}

/* The slot of the flow with that source port, which must be there once. */
static uint32_t
slot_of(const struct pcapread *f, uint16_t port)
{
	uint32_t found = UINT32_MAX;

	for (uint32_t i = 0; i < flowtable_n_slots(f->table); i++) {
		if (!flowtable_is_live(f->table, i) ||
		    f->table->hot[i].key.src_port != port)
			continue;
		g_assert_cmpuint(found, ==, UINT32_MAX);
		found = i;
	}
	g_assert_cmpuint(found, !=, UINT32_MAX);
	return found;
}

void
pcapread_check_flow(const struct pcapread *f, uint16_t port, uint32_t packets,
		    uint64_t octets, uint64_t first_ns, uint64_t last_ns)
{
	uint32_t slot = slot_of(f, port);

	g_assert_cmpuint(f->table->hot[slot].packets, ==, packets);
	g_assert_cmpuint(f->table->hot[slot].octets, ==, octets);
	g_assert_cmpuint(f->table->origins[slot].first_ns, ==,
			 PCAPREAD_T0 + first_ns);
	g_assert_cmpuint(f->table->hot[slot].last, ==,
			 (uint32_t)((PCAPREAD_T0 + last_ns) / SOURCE_TICK_NS));
}

void
pcapread_check_sums(const struct pcapread *f, uint64_t packets, uint64_t octets)
{
	const struct flow_counters *c = &f->counters;

	for (uint32_t i = 0; i < flowtable_n_slots(f->table); i++) {
		if (!flowtable_is_live(f->table, i))
			continue;
		packets += f->table->hot[i].packets;
		octets += f->table->hot[i].octets;
	}
	g_assert_cmpuint(c->packets_seen, ==,
			 packets + c->packets_ignored + c->packets_malformed +
				 c->packets_unaccounted);
	g_assert_cmpuint(c->octets_seen, ==, octets + c->octets_unaccounted);
}
