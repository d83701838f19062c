/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <gio/gio.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "config.h"
#include "log.h"

/* Before Linux 5.11, maps are locked memory. */
static void
lift_memory_limit(void)
{
	const struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_MEMLOCK, &limit) < 0)
		log_debug("RLIMIT_MEMLOCK: %s", g_strerror(errno));
}

/* Before Linux 5.8, eBPF is for CAP_SYS_ADMIN. */
static int
keep_capabilities(void)
{
	const capng_type_t sets = CAPNG_EFFECTIVE | CAPNG_PERMITTED;

	capng_clear(CAPNG_SELECT_BOTH);
	if (prctl(PR_CAPBSET_READ, CAP_BPF) < 0)
		return capng_updatev(CAPNG_ADD, sets, CAP_NET_ADMIN,
				     CAP_SYS_ADMIN, -1);
	return capng_updatev(CAPNG_ADD, sets, CAP_NET_ADMIN, CAP_BPF,
			     CAP_PERFMON, -1);
}

static bool
become(const struct passwd *account)
{
	if (keep_capabilities() < 0)
		return false;
	return capng_change_id(account->pw_uid, account->pw_gid,
			       CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING) == 0;
}

bool
privilege_drop(const char *user, GError **error)
{
	const struct passwd *account;

	if (!*user || geteuid() != 0)
		return true;
	account = getpwnam(user);
	if (!account && strcmp(user, CONFIG_DEFAULT_USER) == 0) {
		log_info("there is no user %s: staying root", user);
		return true;
	}
	if (!account) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
			    "user: there is no user %s", user);
		return false;
	}
	lift_memory_limit();
	if (become(account) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		return true;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
		    "user: cannot become %s: %s", user, g_strerror(errno));
	return false;
}
