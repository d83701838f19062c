/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <gio/gio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "flow.skel.h"
#include "log.h"

struct probe {
	struct flow_bpf *skeleton;
	struct table table;
	struct flow_cpu *cpus; /* room for one lookup */
	int n_cpus;
	int grace_inner; /* what the map of maps is updated with */
	bool precise;
};

static int
on_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	g_autofree char *line = NULL;

	if (level != LIBBPF_WARN)
		return 0;
	line = g_strdup_vprintf(format, args);
	log_debug("%s", g_strchomp(line));
	return 0;
}

static void
set_load_error(GError **error, uint32_t max, int errnum)
{
	if (errnum == EPERM) /* EACCES is the verifier's */
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
			    "not permitted to load the kernel programs: run as "
			    "root, or with CAP_BPF, CAP_NET_ADMIN and "
			    "CAP_PERFMON");
	else if (errnum == ENOMEM || errnum == E2BIG)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
			    "no memory for a table of %u flows: %s", max,
			    g_strerror(errnum));
	else
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
			    "the kernel refuses the programs: %s (-vv shows "
			    "why)",
			    g_strerror(errnum));
}

static void *
map_memory(const struct bpf_map *map, int protection)
{
	size_t len =
		(size_t)bpf_map__max_entries(map) * bpf_map__value_size(map);
	void *memory =
		mmap(NULL, len, protection, MAP_SHARED, bpf_map__fd(map), 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static void
unmap_memory(const struct bpf_map *map, void *memory)
{
	if (memory)
		munmap(memory, (size_t)bpf_map__max_entries(map) *
				       bpf_map__value_size(map));
}

static bool
map_table(struct probe *probe)
{
	struct table *table = &probe->table;

	table->buckets =
		map_memory(probe->skeleton->maps.tags, PROT_READ | PROT_WRITE);
	table->hot = map_memory(probe->skeleton->maps.hot, PROT_READ);
	table->origins = map_memory(probe->skeleton->maps.cold, PROT_READ);
	if (table->tunables.extremes)
		table->extremes =
			map_memory(probe->skeleton->maps.extremes, PROT_READ);
	return table->buckets && table->hot && table->origins &&
	       (table->extremes || !table->tunables.extremes);
}

/* 0 or a negative errno. */
static int
load(struct probe *probe, const struct probe_args *args)
{
	struct flow_bpf *skeleton = flow_bpf__open();
	uint32_t n_slots;
	int result;

	if (!skeleton)
		return -errno;
	probe->skeleton = skeleton;
	probe->table.tunables = flowtable_tunables(args->max, args->precise);
	probe->table.tunables.extremes = args->extremes;
	probe->table.tunables.tcp_end = args->tcp_end;
	n_slots = flowtable_n_slots(&probe->table);
	skeleton->rodata->tunables = probe->table.tunables;
	bpf_map__set_max_entries(skeleton->maps.tags, n_slots / FLOW_BUCKET);
	bpf_map__set_max_entries(skeleton->maps.hot, n_slots);
	bpf_map__set_max_entries(skeleton->maps.cold, n_slots);
	if (args->extremes)
		bpf_map__set_max_entries(skeleton->maps.extremes, n_slots);
	result = flow_bpf__load(skeleton);
	if (result < 0)
		return result;
	probe->grace_inner =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, "grace_inner", sizeof(__u32),
			       sizeof(__u32), 1, NULL);
	if (probe->grace_inner < 0 || !map_table(probe))
		return -errno;
	return 0;
}

struct probe *
probe_new(const struct probe_args *args, GError **error)
{
	struct probe *probe = g_new0(struct probe, 1);
	int result;

	libbpf_set_print(on_libbpf);
	probe->precise = args->precise;
	probe->grace_inner = -1;
	probe->n_cpus = libbpf_num_possible_cpus();
	probe->cpus = g_new0(struct flow_cpu, MAX(1, probe->n_cpus));
	result = load(probe, args);
	if (result < 0) {
		set_load_error(error, args->max, -result);
		probe_free(probe);
		return NULL;
	}
	return probe;
}

void
probe_free(struct probe *probe)
{
	if (!probe)
		return;
	if (probe->skeleton) {
		unmap_memory(probe->skeleton->maps.tags, probe->table.buckets);
		unmap_memory(probe->skeleton->maps.hot, probe->table.hot);
		unmap_memory(probe->skeleton->maps.cold, probe->table.origins);
		unmap_memory(probe->skeleton->maps.extremes,
			     probe->table.extremes);
	}
	flow_bpf__destroy(probe->skeleton);
	if (probe->grace_inner >= 0)
		close(probe->grace_inner);
	g_free(probe->cpus);
	g_free(probe);
}

int
probe_program(const struct probe *probe, bool ingress, bool l2)
{
	const struct flow_bpf *skeleton = probe->skeleton;

	if (ingress)
		return bpf_program__fd(l2 ? skeleton->progs.flow_ingress
					  : skeleton->progs.flow_ingress_l3);
	return bpf_program__fd(l2 ? skeleton->progs.flow_egress
				  : skeleton->progs.flow_egress_l3);
}

struct table *
probe_table(struct probe *probe)
{
	return &probe->table;
}

struct instant
probe_now(struct probe *probe)
{
	char frame[64] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame,
		    .data_size_in = sizeof(frame));
	const struct flow_clock *clock = &probe->skeleton->bss->now;
	struct instant now = { 0 };

	bpf_prog_test_run_opts(bpf_program__fd(probe->skeleton->progs.flow_now),
			       &options);
	now.boot_ns = clock->boot_ns;
	now.wall_ns = clock_wall_ns() - (clock_boot_ns() - now.boot_ns);
	if (probe->precise) {
		now.tick = clock->boot_ns >> FLOW_PRECISE_SHIFT;
		now.tick_ns = 1 << FLOW_PRECISE_SHIFT;
	} else {
		now.tick = clock->jiffies;
		now.tick_ns = clock_jiffy_ns();
	}
	return now;
}

void
probe_counters(struct probe *probe, struct flow_counters *sum)
{
	const __u32 zero = 0;

	*sum = (struct flow_counters){ 0 };
	if (bpf_map_lookup_elem(bpf_map__fd(probe->skeleton->maps.cpus), &zero,
				probe->cpus) < 0)
		return;
	for (int cpu = 0; cpu < probe->n_cpus; cpu++) {
#define X(name, help) sum->name += probe->cpus[cpu].count.name;
		FLOW_COUNTERS(X)
#undef X
	}
}

void
probe_grace(struct probe *probe)
{
	const __u32 zero = 0;

	if (bpf_map_update_elem(bpf_map__fd(probe->skeleton->maps.grace), &zero,
				&probe->grace_inner, BPF_ANY) < 0)
		log_warning("kernel: no grace period: %s", g_strerror(errno));
}

struct waiter {
	struct probe *probe;
	void (*done)(void *to);
	void *to;
};

static void
wait_in_thread(GTask *task, void *source, void *data, GCancellable *cancellable)
{
	struct waiter *waiter = data;

	(void)source;
	(void)cancellable;
	probe_grace(waiter->probe);
	g_task_return_boolean(task, TRUE);
}

static void
on_waited(GObject *source, GAsyncResult *result, void *data)
{
	struct waiter *waiter = g_task_get_task_data(G_TASK(result));

	(void)source;
	(void)data;
	waiter->done(waiter->to);
}

void
probe_grace_begin(struct probe *probe, void (*done)(void *to), void *to)
{
	struct waiter *waiter = g_new(struct waiter, 1);
	g_autoptr(GTask) task = g_task_new(NULL, NULL, on_waited, NULL);

	*waiter = (struct waiter){ probe, done, to };
	g_task_set_task_data(task, waiter, g_free);
	g_task_run_in_thread(task, wait_in_thread);
}
