/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe_object.h"

#include <errno.h>
#include <gio/gio.h>

#include "flow_packed.h"
#include "flow_partitioned_packed.h"

/* What was packed when we were built. */
static GBytes *
unpack(const void *octets, size_t len)
{
	g_autoptr(GConverter) gzip = (GConverter *)g_zlib_decompressor_new(
		G_ZLIB_COMPRESSOR_FORMAT_GZIP);
	g_autoptr(GOutputStream) memory =
		g_memory_output_stream_new_resizable();
	g_autoptr(GOutputStream) stream =
		g_converter_output_stream_new(memory, gzip);

	if (!g_output_stream_write_all(stream, octets, len, NULL, NULL, NULL) ||
	    !g_output_stream_close(stream, NULL, NULL))
		return NULL;
	return g_memory_output_stream_steal_as_bytes(
		G_MEMORY_OUTPUT_STREAM(memory));
}

static GBytes *
find_build(bool partitioned)
{
	return partitioned ? unpack(flow_partitioned_packed,
				    sizeof(flow_partitioned_packed))
			   : unpack(flow_packed, sizeof(flow_packed));
}

static void
find_all(struct probe_object *o)
{
	const struct {
		const char *name;
		struct bpf_map **map;
	} maps[] = {
		{ "tags", &o->tags },	{ "hot", &o->hot },
		{ "cold", &o->cold },	{ "extremes", &o->extremes },
		{ "cpus", &o->cpus },	{ "clock", &o->clock },
		{ "grace", &o->grace }, { "overflow", &o->overflow },
	};
	const struct {
		const char *name;
		struct bpf_program **program;
	} programs[] = {
		{ "flow_ingress", &o->program[FLOW_INGRESS][0] },
		{ "flow_egress", &o->program[FLOW_EGRESS][0] },
		{ "flow_ingress_l3", &o->program[FLOW_INGRESS][1] },
		{ "flow_egress_l3", &o->program[FLOW_EGRESS][1] },
		{ "flow_now", &o->now },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(maps); i++)
		*maps[i].map =
			bpf_object__find_map_by_name(o->object, maps[i].name);
	for (size_t i = 0; i < G_N_ELEMENTS(programs); i++)
		*programs[i].program = bpf_object__find_program_by_name(
			o->object, programs[i].name);
}

static void
set_sizes(struct probe_object *o, const struct flow_tunables *tunables,
	  uint32_t overflow)
{
	uint32_t n_buckets = tunables->n_buckets * tunables->n_partitions;
	uint32_t n_slots = n_buckets * FLOW_BUCKET;

	bpf_map__set_max_entries(o->tags, n_buckets);
	bpf_map__set_max_entries(o->hot, n_slots);
	bpf_map__set_max_entries(o->cold, n_slots);
	if (tunables->extremes)
		bpf_map__set_max_entries(o->extremes, n_slots);
	if (tunables->overflow)
		bpf_map__set_max_entries(o->overflow, overflow);
	else
		bpf_map__set_autocreate(o->overflow, false);
}

int
probe_object_load(struct probe_object *object, bool partitioned,
		  const struct flow_tunables *tunables, uint32_t overflow)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "flow");
	g_autoptr(GBytes) build = find_build(partitioned);
	struct bpf_map *own;

	if (!build)
		return -ENOMEM;
	object->object =
		bpf_object__open_mem(g_bytes_get_data(build, NULL),
				     g_bytes_get_size(build), &options);
	if (!object->object)
		return -errno;
	find_all(object);
	set_sizes(object, tunables, overflow);
	own = bpf_object__find_map_by_name(object->object, ".rodata.tunables");
	if (bpf_map__set_initial_value(own, tunables, sizeof(*tunables)) < 0)
		return -errno;
	return bpf_object__load(object->object);
}

void
probe_object_close(struct probe_object *object)
{
	bpf_object__close(object->object);
}
