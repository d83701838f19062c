/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe_attach.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <gio/gio.h>
#include <net/if_arp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Kernel 6.6, enum bpf_attach_type and BPF_F_BEFORE: the headers that we build
 * with are older. */
enum { TCX_INGRESS = 46, TCX_EGRESS = 47, TCX_FIRST = 1 << 3 };

/*
 * Our filters in a clsact qdisc: a priority of our own, and a handle for each
 * flowexport that may run at once.  Whose handle is whose, a lock tells that is
 * gone with its process: a filter found under a handle that is not locked is a
 * dead predecessor's.
 */
enum {
	FILTER_PRIORITY = 0xf10e,
	FILTER_HANDLE = 0xf100, /* of the first; egress: one more */
	MAX_OBSERVERS = 8,
};

struct attachment {
	int link_fd; /* TCX; -1: clsact */
	int lock_fd;
	int if_index;
	enum bpf_tc_attach_point point;
	__u32 handle;
	__u32 program_id;
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
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = TCX_FIRST);
	int hook = ingress ? TCX_INGRESS : TCX_EGRESS;

	attachment->link_fd =
		bpf_link_create(program_fd, attachment->if_index,
				(enum bpf_attach_type)hook, &options);
	return attachment->link_fd < 0 ? -errno : 0;
}

bool
attachment_has_company(const struct iface *iface)
{
	__u32 n_ingress = 0, n_egress = 0;

	bpf_prog_query(iface->index, (enum bpf_attach_type)TCX_INGRESS, 0, NULL,
		       NULL, &n_ingress);
	bpf_prog_query(iface->index, (enum bpf_attach_type)TCX_EGRESS, 0, NULL,
		       NULL, &n_egress);
	return n_ingress || n_egress;
}

/* The interface of a TCX link stands where an XDP link's does; 0: gone. */
static bool
link_stands(const struct attachment *attachment)
{
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(attachment->link_fd, &info, &len) == 0 &&
	       info.xdp.ifindex == (__u32)attachment->if_index;
}

/* The abstract name of a unix socket: there is one namespace of them for each
 * network namespace.  The descriptor, or a negative errno; EADDRINUSE: somebody
 * holds it. */
static int
lock(const struct attachment *attachment)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result;

	if (fd < 0)
		return -errno;
	g_snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1,
		   "flowexport/%d/%x", attachment->if_index,
		   attachment->handle);
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)) == 0)
		return fd;
	result = -errno;
	close(fd);
	return result;
}

/* 0 or a negative errno. */
static int
take_handle(struct attachment *attachment)
{
	int result = -EADDRINUSE;

	attachment->handle = FILTER_HANDLE;
	if (attachment->point == BPF_TC_EGRESS)
		attachment->handle++;
	for (int i = 0; i < MAX_OBSERVERS && result == -EADDRINUSE; i++) {
		if (i)
			attachment->handle += 2;
		result = lock(attachment);
	}
	attachment->lock_fd = result;
	return MIN(result, 0);
}

static __u32
id_of_program(int fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) < 0 ? 0 : info.id;
}

/* Whether our program is what stands under our handle at POINT. */
static bool
stands_at(const struct attachment *attachment, enum bpf_tc_attach_point point)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = attachment->if_index,
		    .attach_point = point);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = attachment->handle,
		    .priority = FILTER_PRIORITY);

	return bpf_tc_query(&hook, &filter) == 0 &&
	       filter.prog_id == attachment->program_id;
}

bool
attachment_stands(const struct attachment *attachment)
{
	return attachment_is_tcx(attachment)
		       ? link_stands(attachment)
		       : stands_at(attachment, attachment->point);
}

/* The qdisc stays: others may have come to use it. */
static void
detach_tc(struct attachment *attachment)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = attachment->if_index,
		    .attach_point = attachment->point);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = attachment->handle,
		    .priority = FILTER_PRIORITY);

	if (stands_at(attachment, attachment->point))
		bpf_tc_detach(&hook, &filter);
}

/* 0 or a negative errno; ENOTUNIQ: an ingress qdisc where clsact should be,
 * in which egress is but another name of ingress. */
static int
attach_tc(struct attachment *attachment, int program_fd)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = attachment->if_index,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, filter, .priority = FILTER_PRIORITY,
		    .prog_fd = program_fd, .flags = BPF_TC_F_REPLACE);
	int result = bpf_tc_hook_create(&hook);

	if (result < 0 && result != -EEXIST)
		return result;
	result = take_handle(attachment);
	if (result < 0)
		return result;
	attachment->program_id = id_of_program(program_fd);
	hook.attach_point = attachment->point;
	filter.handle = attachment->handle;
	result = bpf_tc_attach(&hook, &filter);
	if (result == 0 && attachment->point == BPF_TC_EGRESS &&
	    stands_at(attachment, BPF_TC_INGRESS)) {
		detach_tc(attachment);
		return -ENOTUNIQ;
	}
	return result;
}

static const char *
explain(int errnum)
{
	switch (errnum) {
	case ENOTUNIQ:
		return "it has an ingress qdisc, not clsact: only its ingress "
		       "can be observed (interfaces.directions)";
	case EADDRINUSE:
		return "too many flowexports observe it";
	}
	return g_strerror(errnum);
}

struct attachment *
attachment_new(int program_fd, const struct iface *iface, bool ingress,
	       enum probe_method method, GError **error)
{
	struct attachment *attachment = g_new0(struct attachment, 1);
	int result = -EOPNOTSUPP;

	attachment->link_fd = attachment->lock_fd = -1;
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
		    ingress ? "ingress" : "egress", explain(-result));
	if (attachment->lock_fd >= 0)
		close(attachment->lock_fd);
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
	if (attachment->lock_fd >= 0)
		close(attachment->lock_fd);
	g_free(attachment);
}
