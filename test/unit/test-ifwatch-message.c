/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../hex.h"
#include "../tap.h"
#include "ifwatch_message.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <string.h>

enum {
	MUTATIONS = 20000, /* of each message */
	MUTATIONS_SEED = 20261123,
};

static GKeyFile *file;

static const char *const kinds[] = {
	[IFACE_PLAIN] = "",	   [IFACE_BOND] = "bond", [IFACE_TEAM] = "team",
	[IFACE_BRIDGE] = "bridge", [IFACE_VLAN] = "vlan", [IFACE_VETH] = "veth",
};

/* The message of a group, with a header. */
static struct nlmsghdr *
load(const char *group)
{
	g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, NULL);
	struct nlmsghdr header = { 0 };
	GByteArray *octets = g_byte_array_new();

	g_byte_array_append(octets, (void *)&header, sizeof(header));
	for (char **key = keys; *key; key++) {
		g_autofree char *text =
			g_key_file_get_value(file, group, *key, NULL);

		if (g_str_has_prefix(*key, "hex."))
			hex_append(octets, text);
	}
	((struct nlmsghdr *)octets->data)->nlmsg_len = octets->len;
	return (void *)g_byte_array_free(octets, FALSE);
}

static void
check_number(const char *group, const char *key, uint64_t got)
{
	g_assert_cmpuint(got, ==,
			 g_key_file_get_uint64(file, group, key, NULL));
}

static void
check_bool(const char *group, const char *key, bool got)
{
	g_assert_cmpint(got, ==,
			g_key_file_get_boolean(file, group, key, NULL));
}

static void
check_text(const char *group, const char *key, const char *got)
{
	g_autofree char *text = g_key_file_get_string(file, group, key, NULL);

	g_assert_cmpstr(got, ==, text ?: "");
}

static void
check_link(const char *group, const struct iface *iface)
{
	const uint8_t *mac = iface->mac;
	g_autofree char *text =
		g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
				mac[2], mac[3], mac[4], mac[5]);

	check_number(group, "index", iface->index);
	check_number(group, "type", iface->type);
	check_number(group, "mtu", iface->mtu);
	check_number(group, "master", iface->master);
	check_number(group, "link", iface->link);
	check_bool(group, "abroad", iface->link_abroad);
	check_text(group, "kind", kinds[iface->kind]);
	check_bool(group, "up", iface->up);
	check_text(group, "mac", strcmp(text, "00:00:00:00:00:00") ? text : "");
	check_text(group, "name", iface->name);
	check_text(group, "alias", iface->alias);
}

static void
check_address(const char *group, const struct ifwatch_address *address)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(address->family, address->octets, text, sizeof(text));
	check_number(group, "index", address->if_index);
	check_number(group, "family", address->family == AF_INET ? 4 : 6);
	check_bool(group, "usable", address->usable);
	check_text(group, "address", text);
}

static bool
is_link(const char *group)
{
	return strstr(group, "link-");
}

static void
test_message(const void *data)
{
	const char *group = data;
	g_autofree struct nlmsghdr *header = load(group);
	struct ifwatch_address address = { 0 };
	struct iface iface = { 0 };

	check_bool(group, "whole",
		   is_link(group) ? ifwatch_link(header, &iface)
				  : ifwatch_address(header, &address));
	if (!g_key_file_get_boolean(file, group, "whole", NULL))
		return;
	if (is_link(group))
		check_link(group, &iface);
	else
		check_address(group, &address);
}

/* In memory of its very length, so that the sanitizer sees a step too far; but
 * padded, as all messages are. */
static void
parse_copy(const struct nlmsghdr *header, uint32_t len)
{
	g_autofree struct nlmsghdr *copy = g_malloc0(NLMSG_ALIGN(len));
	struct ifwatch_address address = { 0 };
	struct iface iface = { 0 };

	memcpy(copy, header, len);
	copy->nlmsg_len = len;
	if (ifwatch_link(copy, &iface)) {
		g_assert_cmpuint(iface.index, !=, 0);
		g_assert_cmpuint(strlen(iface.name), <, sizeof(iface.name));
		g_assert_cmpuint(strlen(iface.alias), <, sizeof(iface.alias));
		g_assert_cmpuint(iface.kind, <, G_N_ELEMENTS(kinds));
	}
	ifwatch_address(copy, &address);
}

/* Cut anywhere, and with octets that are others. */
static void
test_mutations(const void *data)
{
	g_autofree struct nlmsghdr *header = load(data);
	g_autoptr(GRand) rand = g_rand_new_with_seed(MUTATIONS_SEED);
	const uint32_t len = header->nlmsg_len;
	uint8_t *octets = (uint8_t *)header;

	for (uint32_t cut = sizeof(*header); cut <= len; cut++)
		parse_copy(header, cut);
	for (int i = 0; i < MUTATIONS; i++) {
		uint32_t at = g_rand_int_range(rand, sizeof(*header), len);

		octets[at] ^= 1 << g_rand_int_range(rand, 0, 8);
		parse_copy(header, len);
	}
}

static void
add(void)
{
	g_autofree char *path = g_test_build_filename(
		G_TEST_DIST, "test", "data", "netlink.ini", NULL);
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) groups = NULL;

	if (G_BYTE_ORDER == G_BIG_ENDIAN)
		return;
	file = g_key_file_new();
	g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &error);
	g_assert_no_error(error);
	groups = g_key_file_get_groups(file, NULL);
	for (char **group = groups; *group; group++) {
		const char *name = g_intern_string(*group);
		g_autofree char *told =
			g_strdup_printf("/ifwatch/message/%s", name);
		g_autofree char *mutated =
			g_strdup_printf("/ifwatch/mutations/%s", name);

		g_test_add_data_func(told, name, test_message);
		g_test_add_data_func(mutated, name, test_mutations);
	}
}

int
main(int argc, char **argv)
{
	int failed = tap_main(argc, argv, add);

	g_clear_pointer(&file, g_key_file_unref);
	return failed;
}
