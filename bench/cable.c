/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cable.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <err.h>
#include <glib.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

static const char *
volume(void)
{
	const char *path = getenv("VOLUME");

	return path ? path : "test/net/volume";
}

static void
command(char *line)
{
	g_autofree char *owned = line, *output = NULL;
	GError *error = NULL;
	int status;

	if (!g_spawn_command_line_sync(owned, &output, NULL, &status, &error))
		errx(1, "%s", error->message);
	if (!g_spawn_check_wait_status(status, &error))
		errx(1, "%s: %s", owned, error->message);
}

void
cable_lay(void)
{
	if (unshare(CLONE_NEWNET))
		err(1, "unshare");
	command(g_strdup("ip link add p0 type veth peer name p1"));
	command(g_strdup("ip link set p0 up"));
	command(g_strdup("ip link set p1 up"));
}

static struct bpf_prog_info
stats_of(int program)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(program, &info, &len))
		err(1, "program info");
	return info;
}

double
cable_run(int program, uint32_t n_flows, uint32_t n_packets)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = if_nametoindex("p1"),
		    .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, filter, .prog_fd = program);
	struct bpf_prog_info before, after;
	int stats;

	if (bpf_tc_hook_create(&hook) || bpf_tc_attach(&hook, &filter))
		errx(1, "p1: cannot attach");
	stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (stats < 0)
		err(1, "bpf_enable_stats");
	before = stats_of(program);
	command(g_strdup_printf("%s p0 1 %u %u", volume(), n_flows, n_packets));
	after = stats_of(program);
	close(stats);
	hook.attach_point |= BPF_TC_EGRESS; /* both: the qdisc goes */
	bpf_tc_hook_destroy(&hook);
	if (after.run_cnt == before.run_cnt)
		errx(1, "no traffic");
	return (double)(after.run_time_ns - before.run_time_ns) /
	       (after.run_cnt - before.run_cnt);
}
