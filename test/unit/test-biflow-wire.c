/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both directions in one record of IPFIX, to the octet. */
#include <string.h>

#include "../hex.h"
#include "../ipfix.h"
#include "../joiner.h"
#include "../tap.h"
#include "encode.h"

static void
encode_push(void *to, struct record *record)
{
	g_assert_true(encode_ipfix.add(to, record));
}

static const char biflow_template[] =
	"001a 0008 0004 000c 0004 0007 0002 000b 0002 0004 0001 0005 0001 "
	"0006 0001 003d 0001 0088 0001 003a 0002 003b 0002 0020 0002 000a 0004 "
	"000e 0004 0001 0008 0002 0004 0098 0008 0099 0008 012e 0001 "
	"8005 0001 00007279 8006 0001 00007279 8001 0008 00007279 "
	"8002 0004 00007279 8098 0008 00007279 8099 0008 00007279 00ef 0001";

/* On the wire: the forward half as ever, then the reverse one. */
static void
test_wire(void)
{
	struct template_set *set = ipfix_standard_set();
	g_autoptr(GError) error = NULL;
	struct encoder *encoder;
	struct message message;
	struct joiner j;

	g_assert_true(template_set_add_biflow(set, &error));
	encoder = encode_ipfix.new(set, 1, 1400, NULL);
	joiner_setup_to(&j, encode_push, encoder);
	joiner_push(&j, JOINER_CLIENT, 100, 2, 0x0a0b0c0d);
	joiner_push(&j, JOINER_SERVER, 200, 3, 0x1a1b1c1d);

	g_assert_true(encode_ipfix.announce(encoder, 0, 3 * CLOCK_SECOND_NS,
					    &message));
	/* Behind IPv4, IPv6: 80 octets each; its ID is the third. */
	hex_check(message.data + 16 + 4 + 2 * 80 + 2,
		  strlen("001a") / 2 + 19 * 4 + 6 * 8 + 4, biflow_template);
	g_assert_true(
		encode_ipfix.take(encoder, 3 * CLOCK_SECOND_NS, &message));
	g_assert_cmpuint(
		ipfix_get32(message.data + 16) >> 16, ==,
		encode_ipfix.template_id(encoder, TEMPLATE_BIFLOW_IPV4));
	g_assert_cmpuint(message.tally.records, ==, 1);
	g_assert_cmpuint(message.tally.packets, ==, 0x24262829 + 1);
	hex_check(message.data + 20, message.len - 20,
		  "c0000201 c6336407 9c40 01bb 06 b8 5b 00 03 0000 0000 0000 "
		  "00000002 00000000 0102030405060708 0a0b0c0d "
		  "00000000000003e8 00000000000007d0 01 "
		  "20 12 0102030405060708 1a1b1c1d "
		  "00000000000007d0 0000000000000bb8 01");
	joiner_teardown(&j);
	encode_ipfix.free(encoder);
	template_set_free(set);
}

static void
add(void)
{
	g_test_add_func("/biflow/wire", test_wire);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
