/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <gio/gio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "log.h"
#include "means.h"
#include "probe_kernel.h"
#include "probe_object.h"

struct probe {
	struct probe_object object;
	struct table table;
	struct flow_clock *clock;
	struct flow_cpu *cpus; /* room for one lookup */
	int n_cpus;
	int grace_inner;     /* what the map of maps is updated with */
	GThreadPool *worker; /* waits for grace periods */
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
map_all(struct probe *probe)
{
	const struct probe_object *object = &probe->object;
	struct table *table = &probe->table;

	table->buckets = map_memory(object->tags, PROT_READ | PROT_WRITE);
	table->hot = map_memory(object->hot, PROT_READ);
	table->origins = map_memory(object->cold, PROT_READ);
	if (table->tunables.extremes)
		table->extremes = map_memory(object->extremes, PROT_READ);
	probe->clock = map_memory(object->clock, PROT_READ);
	return table->buckets && table->hot && table->origins && probe->clock &&
	       (table->extremes || !table->tunables.extremes);
}

static void
unmap_all(struct probe *probe)
{
	const struct probe_object *object = &probe->object;

	unmap_memory(object->tags, probe->table.buckets);
	unmap_memory(object->hot, probe->table.hot);
	unmap_memory(object->cold, probe->table.origins);
	unmap_memory(object->extremes, probe->table.extremes);
	unmap_memory(object->clock, probe->clock);
}

/* A ring buffer has a power of two of pages. */
static uint32_t
ring_size(uint32_t octets)
{
	uint32_t size = sysconf(_SC_PAGESIZE);

	while (size < octets && size < 1U << 31)
		size <<= 1;
	return size;
}

static struct flow_tunables
tunables_for(const struct probe_args *args, bool partitioned, bool ring,
	     uint32_t n_cpus)
{
	struct flow_tunables tunables =
		flowtable_tunables(args->max, args->precise);

	tunables.extremes = args->extremes;
	tunables.tcp_end = args->tcp_end;
	tunables.sampling = args->sampling;
	tunables.consistent = args->consistent;
	tunables.overflow = ring && args->overflow;
	if (partitioned) {
		tunables.n_partitions = n_cpus;
		tunables.n_buckets = (tunables.n_buckets + n_cpus - 1) / n_cpus;
	}
	return tunables;
}

/* 0 or a negative errno. */
static int
load(struct probe *probe, const struct probe_args *args,
     const struct probe_kernel *kernel)
{
	bool partitioned = args->partitioned || !kernel->cmpxchg;
	int result;

	probe->table.tunables = tunables_for(
		args, partitioned, kernel->ring_buffer, probe->n_cpus);
	result = probe_object_load(&probe->object, partitioned,
				   &probe->table.tunables,
				   ring_size(args->overflow));
	if (result < 0)
		return result;
	probe->grace_inner =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, "grace_inner", sizeof(__u32),
			       sizeof(__u32), 1, NULL);
	if (probe->grace_inner < 0 || !map_all(probe))
		return -errno;
	return 0;
}

struct waiter {
	struct probe *probe;
	void (*done)(void *to);
	void *to;
};

static gboolean
on_waited(void *data)
{
	struct waiter *waiter = data;

	waiter->done(waiter->to);
	g_free(waiter);
	return G_SOURCE_REMOVE;
}

/* In the thread. */
static void
wait_for_grace(void *data, void *to)
{
	struct waiter *waiter = data;

	(void)to;
	probe_grace(waiter->probe);
	g_idle_add_full(G_PRIORITY_DEFAULT, on_waited, waiter, NULL);
}

struct probe *
probe_new(const struct probe_args *args, GError **error)
{
	struct probe *probe = g_new0(struct probe, 1);
	struct probe_kernel kernel = { 0 };
	int result;

	libbpf_set_print(on_libbpf);
	probe->precise = args->precise;
	probe->grace_inner = -1;
	probe->n_cpus = MAX(1, libbpf_num_possible_cpus());
	probe->cpus = g_new0(struct flow_cpu, probe->n_cpus);
	probe->worker = means_worker(wait_for_grace, error);
	if (!probe->worker || !probe_kernel_check(&kernel, error)) {
		probe_free(probe);
		return NULL;
	}
	result = load(probe, args, &kernel);
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
	if (probe->worker)
		g_thread_pool_free(probe->worker, FALSE, TRUE);
	unmap_all(probe);
	probe_object_close(&probe->object);
	if (probe->grace_inner >= 0)
		close(probe->grace_inner);
	g_free(probe->cpus);
	g_free(probe);
}

int
probe_program(const struct probe *probe, bool ingress, bool l2)
{
	enum flow_direction direction = ingress ? FLOW_INGRESS : FLOW_EGRESS;

	return bpf_program__fd(probe->object.program[direction][!l2]);
}

int
probe_overflow_fd(const struct probe *probe)
{
	return probe->table.tunables.overflow
		       ? bpf_map__fd(probe->object.overflow)
		       : -1;
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
	const struct flow_clock *clock = probe->clock;
	struct instant now = { 0 };

	bpf_prog_test_run_opts(bpf_program__fd(probe->object.now), &options);
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
	if (bpf_map_lookup_elem(bpf_map__fd(probe->object.cpus), &zero,
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

	if (bpf_map_update_elem(bpf_map__fd(probe->object.grace), &zero,
				&probe->grace_inner, BPF_ANY) < 0)
		log_warning("kernel: no grace period: %s", g_strerror(errno));
}

void
probe_grace_begin(struct probe *probe, void (*done)(void *to), void *to)
{
	const struct waiter waiter = { probe, done, to };

	g_thread_pool_push(probe->worker, g_memdup2(&waiter, sizeof(waiter)),
			   NULL);
}
