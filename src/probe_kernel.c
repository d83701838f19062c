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

/* 0 or an errno. */
static int
try_array(__u32 flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = flags);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "flowexport", 4, 4, 1,
				&options);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* The same. */
static int
try_program(const struct bpf_insn *program, size_t len)
{
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "flowexport", "GPL",
			       program, len, NULL);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* A classifier that returns a pointer takes all the capabilities there are for
 * programs: EPERM for want of CAP_BPF or CAP_NET_ADMIN, EACCES of
 * CAP_PERFMON. */
static int
try_rights(void)
{
	const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X,
		  .dst_reg = BPF_REG_0,
		  .src_reg = BPF_REG_10 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return try_program(program, G_N_ELEMENTS(program));
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

	return try_program(program, G_N_ELEMENTS(program)) == 0;
}

static void
set_refused(GError **error, int errnum)
{
	if (errnum == EPERM || errnum == EACCES)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
			    "not permitted to use eBPF (%s): run as root, or "
			    "with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON",
			    g_strerror(errnum));
	else if (errnum == ENOSYS)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
			    "this kernel has no eBPF (CONFIG_BPF_SYSCALL)");
	else
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
			    "the kernel refuses the least of eBPF: %s",
			    g_strerror(errnum));
}

/* What cannot be done without. */
static const char *
missing(void)
{
	if (try_rights() == EINVAL)
		return "classifier programs (CONFIG_NET_CLS_BPF)";
	if (try_array(BPF_F_MMAPABLE) == EINVAL)
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
	int errnum = try_array(0) ?: try_rights();

	if (errnum && errnum != EINVAL) {
		set_refused(error, errnum);
		return false;
	}
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
