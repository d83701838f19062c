/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>

#include "clock.h"
#include "config_keys.h"

static const char *const directions[] = {
	[DIRECTIONS_BOTH] = "both",
	[DIRECTIONS_INGRESS] = "ingress",
	[DIRECTIONS_EGRESS] = "egress",
	NULL,
};

static const char *const attach[] = {
	[ATTACH_AUTO] = "auto",
	[ATTACH_TCX] = "tcx",
	[ATTACH_TC] = "tc",
	NULL,
};

static const char *const dedupe_modes[] = {
	[CONFIG_DEDUPE_OFF] = "off",
	[CONFIG_DEDUPE_MERGE] = "merge",
	[CONFIG_DEDUPE_DROP] = "drop",
	[CONFIG_DEDUPE_MARK] = "mark",
	NULL,
};

static const char *const automatic[] = { "auto", NULL };

static const char *const modes[] = {
	[COLLECTOR_MIRROR] = "mirror",
	[COLLECTOR_BALANCE] = "balance",
	[COLLECTOR_FAILOVER] = "failover",
	NULL,
};

#define S   CLOCK_SECOND_NS
#define MS  (S / 1000)
#define H   (3600 * S)
#define KIB 1024ULL
#define GIB (KIB * KIB * KIB)

static bool
is_address(const char *text)
{
	uint8_t address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, text, address) == 1 ||
	       inet_pton(AF_INET6, text, address) == 1;
}

static bool
is_agent_ip(const char *text)
{
	if (*text == '%')
		return text[1] && strlen(text + 1) < IF_NAMESIZE;
	return strcmp(text, "auto") == 0 || is_address(text);
}

/* With a scope, or not; or none. */
static bool
is_source(const char *text)
{
	g_autofree char *address = g_strndup(text, strcspn(text, "%"));

	return *text == '\0' || is_address(address);
}

static bool
is_listen(const char *text)
{
	g_autoptr(GSocketAddress) address = config_listen(text);

	return !*text || address;
}

/* Z85, as ntopng keeps it in zmq-key.pub. */
static bool
is_curve_key(const char *text)
{
	static const char others[] = ".-:+=^!/*?&<>()[]{}@%$#";
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (!g_ascii_isalnum(text[i]) && !strchr(others, text[i]))
			return false;
	return len == 0 || len == 40;
}

/* clang-format off */
#define AT(member) offsetof(struct config, member)
const struct config_key config_keys[] = {
	{ "interfaces.include", KEY_STRINGS, AT(include), "[ \"*\" ]", 0, 0,
	  "globs: interfaces to observe" },
	{ "interfaces.exclude", KEY_STRINGS, AT(exclude), "[ \"lo\" ]", 0, 0,
	  "globs: interfaces to leave out all the same" },
	{ "interfaces.directions", KEY_WORD, AT(directions), "\"both\"", 0, 0,
	  "what to observe of each", directions },
	{ "interfaces.attach", KEY_WORD, AT(attach), "\"auto\"", 0, 0,
	  "how: tcx where the kernel has it, else tc", attach },

	{ "flows.max", KEY_UINT, AT(flows_max), "131072", 16, 67108864,
	  "flows at once; 264 octets of memory for each",
	  .restart = RESTART_ALWAYS },
	{ "flows.active_timeout", KEY_DURATION, AT(active_timeout_ns), "60",
	  1 * S, 24 * H, "a long flow is reported this often" },
	/* The table's clock is modulo 2^32 ticks of 1,024 ns, and compared
	 * signed: half of 73 minutes. */
	{ "flows.idle_timeout", KEY_DURATION, AT(idle_timeout_ns), "15",
	  100 * MS, H / 2, "a flow this quiet has ended" },
	{ "flows.tcp_end", KEY_DURATION, AT(tcp_end_ns), "2", 0, H / 2,
	  "a TCP flow has ended so long after FIN or RST; 0: never mind",
	  .restart = RESTART_ZERO },
	{ "flows.scan_interval", KEY_DURATION, AT(scan_interval_ns), "1",
	  10 * MS, 60 * S, "how often the flow table is scanned" },
	{ "flows.overflow", KEY_SIZE, AT(overflow), "\"8MiB\"", 0, 1 << 30,
	  "ring buffer for packets that found the table full; 0: none",
	  .restart = RESTART_ALWAYS },
	{ "flows.precise_times", KEY_BOOL, AT(precise_times), "false", 0, 0,
	  "flow ends to 1,024 ns instead of a kernel tick",
	  .restart = RESTART_ALWAYS },

	{ "dedupe.mode", KEY_WORD, AT(dedupe_mode), "\"merge\"", 0, 0,
	  "what becomes of a flow that passes several interfaces",
	  dedupe_modes },
	{ "dedupe.expire", KEY_DURATION, AT(dedupe_expire_ns), "30", 100 * MS,
	  24 * H, "an observer this quiet gives a flow up" },

	{ "sampling", KEY_UINT, AT(sampling), "1", 1, 1000000,
	  "1 packet in so many is taken", .restart = RESTART_ALWAYS },

	{ "observation.domain", KEY_UINT, AT(domain), "1", 0, UINT32_MAX,
	  "observationDomainId" },
	{ "observation.agent_ip", KEY_STRING, AT(agent_ip), "\"auto\"", 0, 0,
	  "our address: auto, an address, or %INTERFACE",
	  .suits = is_agent_ip,
	  .expected = "\"auto\", an IP address or \"%INTERFACE\"" },

	{ "control.socket", KEY_STRING, AT(control_socket),
	  "\"/run/flowexport/control\"", 0, 0,
	  "where flowexportctl finds us; \"\": nowhere",
	  .restart = RESTART_ALWAYS },
	{ "metrics.listen", KEY_STRING, AT(metrics_listen), "\"\"", 0, 0,
	  "ADDRESS:PORT for Prometheus to ask; \"\": none",
	  .restart = RESTART_ALWAYS, .suits = is_listen,
	  .expected = "\"\", \"ADDRESS:PORT\" or \"[IPV6]:PORT\"" },

	{ "user", KEY_STRING, AT(user), "\"" CONFIG_DEFAULT_USER "\"", 0, 0,
	  "whom to go on as, where root starts us; \"\": as root",
	  .restart = RESTART_ALWAYS },
	{ NULL },
};
#undef AT

#define AT(member) offsetof(struct collector, member)
const struct config_key collector_keys[] = {
	{ COLLECTORS ".name", KEY_STRING, AT(name), "\"\"", 0, 0,
	  "how logs and counters call it; \"\": HOST:PORT" },
	{ COLLECTORS ".host", KEY_STRING, AT(host), "\"\"", 0, 0,
	  "REQUIRED; name or address; or a file's path" },
	{ COLLECTORS ".port", KEY_UINT, AT(port), "0", 0, 65535,
	  "0: the protocol's own (ipfix: 4739, netflow9: 2055, ntopng: 5556)" },
	{ COLLECTORS ".protocol", KEY_STRING, AT(protocol), "\"ipfix\"", 0, 0,
	  "ipfix, netflow9, json or ntopng" },
	{ COLLECTORS ".transport", KEY_STRING, AT(transport), "\"udp\"", 0, 0,
	  "udp, tcp, sctp, file or zmq" },
	{ COLLECTORS ".template", KEY_STRING, AT(template_set),
	  "\"standard\"", 0, 0,
	  "template set: which elements it gets" },
	{ COLLECTORS ".mtu", KEY_UINT, AT(mtu), "1400", 128, 65507,
	  "largest message, octets of payload; \"auto\": what the path takes",
	  automatic },
	{ COLLECTORS ".template_refresh", KEY_DURATION,
	  AT(template_refresh_ns), "600", 0, 24 * H,
	  "templates are sent again so often; 0: never" },
	{ COLLECTORS ".template_refresh_packets", KEY_UINT,
	  AT(template_refresh_packets), "4096", 0, UINT32_MAX,
	  "and after so many messages; 0: never" },
	{ COLLECTORS ".options_refresh", KEY_DURATION, AT(options_refresh_ns),
	  "600", 0, 24 * H,
	  "sampling, interfaces, statistics so often; 0: at start only" },
	{ COLLECTORS ".biflow", KEY_BOOL, AT(biflow), "false", 0, 0,
	  "both directions of a flow in one record; not netflow9" },
	{ COLLECTORS ".queue", KEY_SIZE, AT(queue), "\"16MiB\"",
	  64 * KIB, 64 * GIB, "records that may wait for it; then the oldest go" },
	{ COLLECTORS ".rate", KEY_UINT, AT(rate), "0", 0, 10000000,
	  "messages a second at most; 0: as fast as it goes" },
	{ COLLECTORS ".reconnect", KEY_DURATION, AT(reconnect_ns), "60",
	  10 * MS, H, "at most one attempt to connect in so long" },
	{ COLLECTORS ".connect_timeout", KEY_DURATION, AT(connect_timeout_ns),
	  "10", 100 * MS, 600 * S, "how long an attempt may take" },
	{ COLLECTORS ".tcp_keepalive", KEY_DURATION, AT(tcp_keepalive_ns),
	  "60", 0, 24 * H, "an idle connection is probed after so long; 0: not" },
	{ COLLECTORS ".sctp_ttl", KEY_DURATION, AT(sctp_ttl_ns), "0", 0, H,
	  "over SCTP, data this old is given up; 0: never" },
	{ COLLECTORS ".zmq_bind", KEY_BOOL, AT(zmq_bind), "true", 0, 0,
	  "over ZeroMQ, the collector connects to us, and host is our address" },
	{ COLLECTORS ".zmq_server_key", KEY_STRING, AT(zmq_server_key), "\"\"",
	  0, 0, "the collector's public CURVE key; \"\": unencrypted",
	  .suits = is_curve_key,
	  .expected = "a key of 40 characters (Z85), or \"\"" },
	{ COLLECTORS ".zmq_hwm", KEY_UINT, AT(zmq_hwm), "1000", 1, 1000000,
	  "messages that ZeroMQ may hold for a slow collector" },
	{ COLLECTORS ".ntopng_header", KEY_UINT, AT(ntopng_header), "3", 1, 3,
	  "form of the messages' header: 3, or 2 or 1 for older ones" },
	{ COLLECTORS ".ntopng_compress", KEY_BOOL, AT(ntopng_compress),
	  "false", 0, 0, "whether flows are compressed, with header 3" },
	{ COLLECTORS ".group", KEY_STRING, AT(group), "\"\"", 0, 0,
	  "collectors that name the same share the load: see mode" },
	{ COLLECTORS ".mode", KEY_WORD, AT(mode), "\"mirror\"", 0, 0,
	  "who of a group gets a record: each, by flow, or the first that is up",
	  modes },
	{ COLLECTORS ".hold_down", KEY_DURATION, AT(hold_down_ns), "30", 0, H,
	  "how long one of a group must be up before it is used again" },
	{ COLLECTORS ".source", KEY_STRING, AT(source), "\"\"", 0, 0,
	  "local address to send from; \"\": any",
	  .suits = is_source, .expected = "\"\" or an IP address" },
	{ NULL },
};
#undef AT
/* clang-format on */

static const char *const type_names[] = {
	[KEY_BOOL] = "boolean",
	[KEY_UINT] = "number",
	[KEY_STRING] = "string",
	[KEY_WORD] = "word",
	[KEY_DURATION] = "duration",
	[KEY_SIZE] = "size",
	[KEY_STRINGS] = "list of strings",
};

const char *
key_leaf(const struct config_key *key)
{
	const char *dot = strchr(key->name, '.');

	return dot ? dot + 1 : key->name;
}

static bool
in_group(const struct config_key *key, const char *group)
{
	size_t len = strlen(group);

	if (len == 0)
		return !strchr(key->name, '.');
	return strncmp(key->name, group, len) == 0 && key->name[len] == '.';
}

const struct config_key *
key_find(const struct config_key *keys, const char *group, const char *name)
{
	for (const struct config_key *key = keys; key->name; key++)
		if (in_group(key, group) && strcmp(key_leaf(key), name) == 0)
			return key;
	return NULL;
}

bool
key_is_group(const struct config_key *keys, const char *name)
{
	for (const struct config_key *key = keys; key->name; key++)
		if (in_group(key, name))
			return true;
	return false;
}

void
config_each_key(void (*each)(const char *key, const char *type,
			     const char *value, const char *help, void *to),
		void *to)
{
	const struct config_key *const tables[] = { config_keys,
						    collector_keys };

	for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
		for (const struct config_key *key = tables[i]; key->name; key++)
			each(key->name, type_names[key->type], key->value,
			     key->help, to);
}
