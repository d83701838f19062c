/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <gio/gio.h>

#include "encode_common.h"

const char *
common_family_name(enum template_family family)
{
	static const char *const names[] = { "IPv4", "IPv6", "other" };

	return names[family];
}

bool
common_fits(const struct template_set *set, enum template_family family,
	    const char *what, size_t len, size_t mtu, GError **error)
{
	if (len <= mtu)
		return true;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
		    "template set \"%s\": a message with one %s %s takes %zu "
		    "octets, the mtu is %zu",
		    set->name, common_family_name(family), what, len, mtu);
	return false;
}
