/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe_kernel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <gio/gio.h>
#include <linux/bpf.h>
#include <linux/unistd.h>
#include <sys/utsname.h>
#include <unistd.h>

static bool
is_permitted(GError **error)
{
	int fd =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, "flowexport", 4, 4, 1, NULL);
	int errnum = errno;

	if (fd >= 0) {
		close(fd);
		return true;
	}
	if (errnum == ENOSYS)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
			    "this kernel has no eBPF (CONFIG_BPF_SYSCALL)");
	else
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
			    "not permitted to use eBPF (%s): run as root, or "
			    "with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON",
			    g_strerror(errnum));
	return false;
}

static bool
has_mmapable_arrays(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "flowexport", 4, 4, 1,
				&options);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* By a program whose only deed it is. */
static bool
has_cmpxchg(void)
{
	const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_STX | BPF_MEM | BPF_DW,
		  .dst_reg = BPF_REG_10,
		  .src_reg = BPF_REG_0,
		  .off = -8 },
		{ .code = BPF_STX | BPF_ATOMIC | BPF_DW,
		  .dst_reg = BPF_REG_10,
		  .src_reg = BPF_REG_0,
		  .off = -8,
		  .imm = BPF_CMPXCHG },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "flowexport", "GPL",
			       program, G_N_ELEMENTS(program), NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* What cannot be done without. */
static const char *
missing(void)
{
	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SCHED_CLS, NULL) != 1)
		return "classifier programs (CONFIG_NET_CLS_BPF)";
	if (!has_mmapable_arrays())
		return "mmap-able BPF arrays (Linux 5.5)";
	if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_SCHED_CLS, BPF_FUNC_jiffies64,
				    NULL) != 1)
		return "the BPF helper jiffies64 (Linux 5.6)";
	if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_SCHED_CLS,
				    BPF_FUNC_ktime_get_boot_ns, NULL) != 1)
		return "the BPF helper ktime_get_boot_ns (Linux 5.8)";
	return NULL;
}

bool
probe_kernel_check(struct probe_kernel *kernel, GError **error)
{
	struct utsname name;
	const char *lacks;

	if (!is_permitted(error))
		return false;
	lacks = missing();
	if (lacks) {
		uname(&name);
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
			    "Linux %s cannot run the programs: it lacks %s",
			    name.release, lacks);
		return false;
	}
	kernel->cmpxchg = has_cmpxchg();
	kernel->ring_buffer =
		libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, NULL) == 1;
	return true;
}
