/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <arpa/inet.h>
#include <glib.h>
#include <inttypes.h>
#include <time.h>

#include "clock.h"
#include "iftable.h"
#include "json.h"
#include "print.h"

/* START DURATION DIR IFACE PROTO SRC:PORT DST:PORT FLAGS TOS PACKETS BYTES
 * END-REASON; as wide as an IPv6 address with port, or type and code, is. */
#define LINE_TEXT    "%-23s %10s %-3s %-15s %-5s %-47s %-49s %-8s %-4s "
#define LINE_HEADER  LINE_TEXT "%10s %20s %s\n"
#define LINE_NUMBERS LINE_TEXT "%10" PRIu32 " %20" PRIu64 " %s\n"

#define PROTO_LEN    6
#define FLAGS_LEN    9
#define ENDPOINT_LEN 64
#define TIME_LEN     40

struct print {
	FILE *out;
	bool json;
	bool begun; /* the header line is out */
	int error;  /* errno of what went wrong first */
};

static const char *const protocols[256] = {
	[IPPROTO_ICMP] = "ICMP",
	[IPPROTO_IGMP] = "IGMP",
	[IPPROTO_IPIP] = "IPIP",
	[IPPROTO_TCP] = "TCP",
	[IPPROTO_UDP] = "UDP",
	[IPPROTO_DCCP] = "DCCP",
	[IPPROTO_IPV6] = "IPV6",
	[IPPROTO_RSVP] = "RSVP",
	[IPPROTO_GRE] = "GRE",
	[IPPROTO_ESP] = "ESP",
	[IPPROTO_AH] = "AH",
	[IPPROTO_ICMPV6] = "ICMP6",
	[89] = "OSPF",
	[IPPROTO_PIM] = "PIM",
	[112] = "VRRP",
	[IPPROTO_SCTP] = "SCTP",
	[IPPROTO_UDPLITE] = "UDPL",
	[IPPROTO_MPLS] = "MPLS",
};

static const char *const end_reasons[] = {
	[END_IDLE] = "idle",	 [END_ACTIVE] = "active", [END_TCP] = "tcp",
	[END_FORCED] = "forced", [END_LACK] = "lack",
};

static void
format_start(char out[TIME_LEN], uint64_t ns)
{
	const time_t seconds = ns / CLOCK_SECOND_NS;
	char text[TIME_LEN - 4];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%F %T", &tm);
	g_snprintf(out, TIME_LEN, "%s.%03u", text,
		   (unsigned)(ns / 1000000 % 1000));
}

static void
format_duration(char out[TIME_LEN], uint64_t ns)
{
	const uint64_t ms = ns / 1000000;

	g_snprintf(out, TIME_LEN, "%" PRIu64 ".%03u", ms / 1000,
		   (unsigned)(ms % 1000));
}

/* Names may hold what moves the cursor. */
static void
format_interface(char out[IF_NAMESIZE], const char *name)
{
	g_strlcpy(out, name ?: "-", IF_NAMESIZE);
	for (; *out; out++) {
		if (!g_ascii_isgraph(*out))
			*out = '?';
	}
}

static void
format_protocol(char out[PROTO_LEN], const struct flow_key *key)
{
	if (key->family == FLOW_OTHER)
		g_snprintf(out, PROTO_LEN, "%04x", key->dst_port);
	else if (protocols[key->protocol])
		g_strlcpy(out, protocols[key->protocol], PROTO_LEN);
	else
		g_snprintf(out, PROTO_LEN, "%u", key->protocol);
}

static void
format_mac(char out[ENDPOINT_LEN], const uint8_t *mac)
{
	g_snprintf(out, ENDPOINT_LEN, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		   mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static void
format_endpoint(char out[ENDPOINT_LEN], const struct flow_key *key,
		const uint8_t address[16], const char *port)
{
	char text[INET6_ADDRSTRLEN];
	bool v4 = key->family == FLOW_IPV4;

	if (key->family == FLOW_OTHER) {
		format_mac(out, address);
		return;
	}
	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? address + 12 : address, text,
		  sizeof(text));
	g_snprintf(out, ENDPOINT_LEN, v4 ? "%s:%s" : "[%s]:%s", text, port);
}

static void
format_source(char out[ENDPOINT_LEN], const struct record *record)
{
	char port[8];

	g_snprintf(port, sizeof(port), "%u", record->key.src_port);
	format_endpoint(out, &record->key, record->key.src_addr, port);
}

/* Type and code where ICMP has no port, as nfdump shows them. */
static void
format_destination(char out[ENDPOINT_LEN], const struct record *record)
{
	const unsigned number = record->key.dst_port;
	char port[8];

	if (record_is_icmp(record))
		g_snprintf(port, sizeof(port), "%u.%u", number >> 8,
			   number & 0xff);
	else
		g_snprintf(port, sizeof(port), "%u", number);
	format_endpoint(out, &record->key, record->key.dst_addr, port);
}

static void
format_flags(char out[FLAGS_LEN], uint16_t flags)
{
	g_strlcpy(out, "CEUAPRSF", FLAGS_LEN);
	for (int i = 0; i < 8; i++) {
		if (!(flags & 0x80 >> i))
			out[i] = '.';
	}
}

static void
print_text(FILE *out, const struct record *record, const char *interface)
{
	const struct flow_key *key = &record->key;
	char start[TIME_LEN], duration[TIME_LEN], iface[IF_NAMESIZE];
	char protocol[PROTO_LEN], flags[FLAGS_LEN], tos[8];
	char src[ENDPOINT_LEN], dst[ENDPOINT_LEN];

	g_assert(record->end_reason < G_N_ELEMENTS(end_reasons));
	format_start(start, record->start_ns);
	format_duration(duration, record->end_ns - record->start_ns);
	format_interface(iface, interface);
	format_protocol(protocol, key);
	format_source(src, record);
	format_destination(dst, record);
	format_flags(flags, record->value.tcp_flags);
	g_snprintf(tos, sizeof(tos), "0x%02x", key->tos);
	fprintf(out, LINE_NUMBERS, start, duration,
		key->direction == FLOW_EGRESS ? "out" : "in", iface, protocol,
		src, dst, flags, tos, record->value.packets,
		(uint64_t)record->value.octets,
		end_reasons[record->end_reason] ?: "-");
}

/* The header line goes with the first burst, empty or not: nothing is printed
 * by who does not come to observe. */
static void
print_header(struct print *print)
{
	if (print->json || print->begun)
		return;
	print->begun = true;
	fprintf(print->out, LINE_HEADER, "START", "DURATION", "DIR", "IFACE",
		"PROTO", "SRC:PORT", "DST:PORT", "FLAGS", "TOS", "PACKETS",
		"BYTES", "END-REASON");
}

/* Right after stdio may have written. */
static void
note_error(struct print *print)
{
	if (ferror(print->out))
		print->error = errno ? errno : EIO;
}

static void
push(void *to, struct record *record)
{
	struct print *print = to;

	if (print->error)
		return;
	print_header(print);
	if (print->json)
		json_write(print->out, NULL, record);
	else
		print_text(print->out, record, json_interface(record));
	note_error(print);
}

static void
flush(void *to)
{
	struct print *print = to;

	if (print->error)
		return;
	print_header(print);
	fflush(print->out);
	note_error(print);
}

struct print *
print_new(FILE *out, bool json)
{
	struct print *print = g_new0(struct print, 1);

	print->out = out;
	print->json = json;
	tzset(); /* localtime_r() need not */
	return print;
}

void
print_free(struct print *print)
{
	g_free(print);
}

struct sink
print_sink(struct print *print)
{
	return (struct sink){ .push = push, .flush = flush, .to = print };
}

int
print_error(const struct print *print)
{
	return print->error;
}
