/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a template set asks for. */
#include "../records.h"
#include "../sets.h"
#include "../tap.h"

static void
check_field(const struct template *template, size_t i, const char *name,
	    uint16_t length)
{
	g_assert_cmpuint(i, <, template->n_fields);
	g_assert_cmpstr(template->fields[i].field->name, ==, name);
	g_assert_cmpint(template->fields[i].length, ==, length);
}

static void
test_good(void)
{
	const struct template *ipv4, *ipv6;
	struct template_set *set;
	struct record record;

	set = sets_of(
		"# two families, both kinds of brackets\n"
		"ipv4 = [ \"octetDeltaCount:5\", \"sourceIPv4Address:4\",\n"
		"  \"tcpControlBits:1\", \"vlanId\" ];\n"
		"ipv6 : ( \"flowStartMilliseconds\" )\n");
	g_assert_cmpstr(set->name, ==, "mine");

	records_fill(&record, RECORDS_TCP4);
	ipv4 = template_for(set, &record);
	g_assert_cmpuint(ipv4->n_fields, ==, 4);
	g_assert_cmpuint(ipv4->len, ==, 12);
	check_field(ipv4, 0, "octetDeltaCount", 5);
	check_field(ipv4, 1, "sourceIPv4Address", 4);
	check_field(ipv4, 2, "tcpControlBits", 1);
	check_field(ipv4, 3, "vlanId", 2);

	records_fill(&record, RECORDS_UDP6);
	ipv6 = template_for(set, &record);
	g_assert_cmpuint(ipv6->n_fields, ==, 1);
	g_assert_cmpuint(ipv6->len, ==, 8);
	check_field(ipv6, 0, "flowStartMilliseconds", 8);
	template_set_free(set);
}

static void
test_one_family(void)
{
	struct template_set *set;
	struct record record;

	set = sets_of("ipv6 = [ \"sourceIPv6Address\" ]");
	records_fill(&record, RECORDS_TCP4);
	g_assert_cmpuint(template_for(set, &record)->n_fields, ==, 0);
	template_set_free(set);
}

/* Options tables and the rest of a set that no family has. */
static void
test_options(void)
{
	struct template_set *set;
	const struct template *template;

	set = sets_of("options = [ \"interfaceList\", \"samplingInterval\" ];\n"
		      "netflow9_extended = true;\n"
		      "other = [ \"ethernetType\", \"interfaceName:7\" ];\n");
	g_assert_true(set->netflow9_extended);
	g_assert_cmpuint(set->family[TEMPLATE_OTHER].len, ==, 9);
	template = &set->options[OPTIONS_INTERFACE_LIST];
	g_assert_true(template ==
		      &set->all[TEMPLATE_OF_OPTIONS(OPTIONS_INTERFACE_LIST)]);
	g_assert_cmpuint(template->n_scope, ==, 1);
	g_assert_cmpuint(template->len, ==, 24);
	check_field(template, 0, "observationDomainId", 4);
	check_field(template, 1, "ingressInterface", 4);
	check_field(template, 2, "interfaceDescription", 16);
	g_assert_cmpuint(set->options[OPTIONS_SAMPLING_INTERVAL].n_fields, ==,
			 2);
	g_assert_cmpuint(set->options[OPTIONS_SELECTOR].n_fields, ==, 0);
	template_set_free(set);
}

/* Reverse elements need something that has a direction (RFC 5103 4). */
static void
test_biflow(void)
{
	struct template_field tf[] = { { field_find("octetDeltaCount"), 8 },
				       { field_find("sourceIPv6Address"),
					 16 } };
	struct template_set set = {
		.name = (char *)"odd",
		.family[TEMPLATE_IPV6] = { tf, 2, 24 },
	};
	g_autoptr(GError) error = NULL;

	g_assert_false(template_set_add_biflow(&set, &error));
	g_assert_cmpstr(error->message, ==,
			"template set \"odd\": biflow needs both addresses "
			"among its IPv6 elements");
}

/* The sets that are shipped: octets of a record in each family, and how many
 * options tables there are. */
static const struct shipped {
	const char *name;
	size_t len[TEMPLATE_N_FAMILIES];
	int n_options;
} shipped[] = {
	{ "standard", { 60, 84, 0 }, OPTIONS_N },
	{ "minimal", { 48, 72, 0 }, 1 },
	{ "full", { 151, 179, 122 }, OPTIONS_N },
};

static void
test_shipped(gconstpointer data)
{
	const struct shipped *expected = data;
	struct template_set *set = sets_shipped(expected->name);
	int n_options = 0;

	for (int i = 0; i < TEMPLATE_N_FAMILIES; i++)
		g_assert_cmpuint(set->family[i].len, ==, expected->len[i]);
	for (int i = 0; i < OPTIONS_N; i++)
		n_options += set->options[i].n_fields > 0;
	g_assert_cmpint(n_options, ==, expected->n_options);
	g_assert_false(set->netflow9_extended);
	template_set_free(set);
}

static void
add(void)
{
	g_test_add_func("/template/good", test_good);
	g_test_add_func("/template/one-family", test_one_family);
	g_test_add_func("/template/options", test_options);
	g_test_add_func("/template/biflow", test_biflow);
	for (size_t i = 0; i < G_N_ELEMENTS(shipped); i++) {
		g_autofree char *path = g_strdup_printf("/template/shipped/%s",
							shipped[i].name);

		g_test_add_data_func(path, &shipped[i], test_shipped);
	}
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
