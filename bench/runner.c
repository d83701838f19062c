/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <err.h>
#include <glib.h>
#include <linux/bpf.h>

#include "vary.skel.h"

struct runner {
	struct vary_bpf *skeleton;
	GRand *random;
};

struct runner *
runner_new(void)
{
	struct runner *runner = g_new0(struct runner, 1);

	runner->skeleton = vary_bpf__open_and_load();
	if (!runner->skeleton)
		err(1, "vary.bpf.c");
	runner->random = g_rand_new_with_seed(1959);
	return runner;
}

void
runner_free(struct runner *runner)
{
	vary_bpf__destroy(runner->skeleton);
	g_rand_free(runner->random);
	g_free(runner);
}

int
runner_empty(const struct runner *runner)
{
	return bpf_program__fd(runner->skeleton->progs.empty);
}

double
runner_run(struct runner *runner, int program, const struct traffic *traffic,
	   uint32_t n_packets)
{
	const struct vary_bpf *skeleton = runner->skeleton;
	const __u32 zero = 0;
	struct __sk_buff skb = {
		.gso_size = traffic->gso_size,
		.gso_segs = traffic->gso_segs,
	};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = traffic->frame,
		    .data_size_in = traffic->len, .ctx_in = &skb,
		    .ctx_size_in = sizeof(skb), .repeat = n_packets);

	skeleton->bss->flow_mask = traffic->n_flows - 1;
	skeleton->bss->in_order = traffic->in_order;
	skeleton->bss->state =
		traffic->in_order ? traffic->first : g_rand_int(runner->random);
	if (bpf_map_update_elem(bpf_map__fd(skeleton->maps.subject), &zero,
				&program, BPF_ANY) ||
	    bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.vary),
				   &options))
		err(1, "test run");
	return options.duration;
}
