/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe_attach.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <gio/gio.h>
#include <net/if_arp.h>
#include <unistd.h>

/* Kernel 6.6, enum bpf_attach_type: the headers that we build with are older.
 */
enum { TCX_INGRESS = 46, TCX_EGRESS = 47 };

/* Ours among the filters of a clsact qdisc; our programs' names. */
enum { FILTER_PRIORITY = 0xf10e, FILTER_HANDLE = 0xf10e };
#define PROGRAM_PREFIX "flow_"

struct attachment {
	int link_fd; /* TCX; -1: clsact */
	int if_index;
	enum bpf_tc_attach_point point;
};

bool
attachment_has_l2(const struct iface *iface)
{
	return iface->type == ARPHRD_ETHER || iface->type == ARPHRD_LOOPBACK;
}

bool
attachment_is_tcx(const struct attachment *attachment)
{
	return attachment->link_fd >= 0;
}

/* 0 or a negative errno. */
static int
attach_tcx(struct attachment *attachment, int program_fd, bool ingress)
{
	int hook = ingress ? TCX_INGRESS : TCX_EGRESS;

	attachment->link_fd = bpf_link_create(program_fd, attachment->if_index,
					      (enum bpf_attach_type)hook, NULL);
	return attachment->link_fd < 0 ? -errno : 0;
}

/* Whether the filter at our place is a predecessor's, or none at all. */
static bool
is_ours(const struct bpf_tc_hook *hook)
{
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = FILTER_HANDLE,
		    .priority = FILTER_PRIORITY);
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);
	int fd;

	if (bpf_tc_query(hook, &filter) < 0)
		return true;
	fd = bpf_prog_get_fd_by_id(filter.prog_id);
	if (fd < 0)
		return false;
	if (bpf_obj_get_info_by_fd(fd, &info, &len) < 0)
		info.name[0] = '\0';
	close(fd);
	return g_str_has_prefix(info.name, PROGRAM_PREFIX);
}

/* 0 or a negative errno. */
static int
attach_tc(struct attachment *attachment, int program_fd)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = attachment->if_index,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = FILTER_HANDLE,
		    .priority = FILTER_PRIORITY, .prog_fd = program_fd,
		    .flags = BPF_TC_F_REPLACE);
	int result = bpf_tc_hook_create(&hook);

	if (result < 0 && result != -EEXIST)
		return result;
	hook.attach_point = attachment->point;
	if (!is_ours(&hook))
		return -EBUSY;
	return bpf_tc_attach(&hook, &filter);
}

static void
detach_tc(struct attachment *attachment)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = attachment->if_index,
		    .attach_point = attachment->point);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = FILTER_HANDLE,
		    .priority = FILTER_PRIORITY);

	/* The qdisc stays: others may have come to use it. */
	if (is_ours(&hook))
		bpf_tc_detach(&hook, &filter);
}

struct attachment *
attachment_new(int program_fd, const struct iface *iface, bool ingress,
	       enum probe_method method, GError **error)
{
	struct attachment *attachment = g_new0(struct attachment, 1);
	int result = -EOPNOTSUPP;

	attachment->link_fd = -1;
	attachment->if_index = iface->index;
	attachment->point = ingress ? BPF_TC_INGRESS : BPF_TC_EGRESS;
	if (method != PROBE_TC)
		result = attach_tcx(attachment, program_fd, ingress);
	/* EINVAL: a kernel that does not know of TCX. */
	if (method == PROBE_TC ||
	    (method == PROBE_AUTO &&
	     (result == -EINVAL || result == -EOPNOTSUPP)))
		result = attach_tc(attachment, program_fd);
	if (result == 0)
		return attachment;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(-result),
		    "interface %s: cannot attach to its %s: %s", iface->name,
		    ingress ? "ingress" : "egress", g_strerror(-result));
	g_free(attachment);
	return NULL;
}

void
attachment_free(void *data)
{
	struct attachment *attachment = data;

	if (attachment->link_fd >= 0)
		close(attachment->link_fd);
	else
		detach_tc(attachment);
	g_free(attachment);
}
