/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "template_options.h"

#include "iftable.h"
#include "ledger.h"
#include "meter.h"

/* clang-format off */

#define MEMBER(type, m) offsetof(type, m), sizeof(((type *)NULL)->m)
#define LEDGER(m) FIELD_FROM_LEDGER, MEMBER(struct ledger, m)
#define METER(m)  FIELD_FROM_METER, MEMBER(struct meter, m)
#define IFACE(m)  FIELD_FROM_SEEN, MEMBER(struct iface, m)
#define IE(name, id, len, kind, ...) \
	{ name, 0, id, (id) < 128 ? (id) : 0, len, FIELD_##kind, __VA_ARGS__ }

#define DOMAIN    IE("observationDomainId",    149,  4, UINT, METER(domain))
#define INTERVAL  IE("samplingInterval",        34,  4, UINT, METER(interval))
#define INTERFACE IE("ingressInterface",        10,  4, UINT, IFACE(index))
#define NOTICED(m) \
	IE("observationTimeMilliseconds",      323,  8, MSEC, LEDGER(m))

const struct options_table options_tables[OPTIONS_N] = {
	/* nfcapd up to 1.7.1 takes the interval alone, later ones want the
	 * algorithm too in NetFlow v9. */
	[OPTIONS_SAMPLING_INTERVAL] = { "samplingInterval", .n_scope = 1,
		.fields = { DOMAIN, INTERVAL } },
	[OPTIONS_SAMPLING_ALGORITHM] = { "samplingAlgorithm", .n_scope = 1,
		.no_ipfix = true,
		.fields = { DOMAIN, INTERVAL,
		IE("samplingAlgorithm",         35,  1, UINT, METER(algorithm)) } },
	/* RFC 5476 6.5.2 */
	[OPTIONS_SELECTOR] = { "selector", .n_scope = 1, .no_v9 = true,
		.fields = {
		IE("selectorId",               302,  8, UINT, METER(selector)),
		IE("selectorAlgorithm",        304,  2, UINT,
		   METER(selector_algorithm)),
		IE("samplingPacketInterval",   305,  4, UINT, METER(taken)),
		IE("samplingPacketSpace",      306,  4, UINT, METER(space)) } },
	/* nfcapd wants its own form, last: it takes 83 for the name. */
	[OPTIONS_INTERFACE_NAMES] = { "interfaceNames", OPTIONS_OF_INTERFACES,
		.n_scope = 1, .no_v9 = true, .fields = { INTERFACE,
		IE("interfaceName",             82, 16, STRING, IFACE(name)),
		IE("interfaceDescription",      83, 64, STRING, IFACE(alias)) } },
	[OPTIONS_INTERFACE_LIST] = { "interfaceList", OPTIONS_OF_INTERFACES,
		.n_scope = 1, .fields = { DOMAIN, INTERFACE,
		IE("interfaceDescription",      83, 16, STRING, IFACE(name)) } },
	/* RFC 7011 4.4 */
	[OPTIONS_FLOW_KEYS] = { "flowKeys", OPTIONS_OF_TEMPLATES,
		.n_scope = 1, .no_v9 = true, .fields = {
		IE("templateId",               145,  2, UINT, LEDGER(template_id)),
		IE("flowKeyIndicator",         173,  8, UINT, LEDGER(keys)) } },
	/* RFC 7011 4.1 */
	[OPTIONS_METERING_STATISTICS] = { "meteringStatistics",
		.statistics = true, .n_scope = 1, .fields = { DOMAIN,
		IE("exportedMessageTotalCount", 41,  8, UINT, LEDGER(messages)),
		IE("exportedFlowRecordTotalCount", 42, 8, UINT, LEDGER(records)),
		IE("exportedOctetTotalCount",   40,  8, UINT, LEDGER(octets)) } },
	/* RFC 7011 4.2 */
	[OPTIONS_METERING_RELIABILITY] = { "meteringReliability",
		.statistics = true, .n_scope = 1, .fields = { DOMAIN,
		IE("ignoredPacketTotalCount",  164,  8, UINT,
		   LEDGER(ignored_packets)),
		IE("ignoredOctetTotalCount",   165,  8, UINT,
		   LEDGER(ignored_octets)),
		NOTICED(ignored_first_ns), NOTICED(ignored_last_ns) } },
	/* RFC 7011 4.3 */
	[OPTIONS_EXPORTING_RELIABILITY] = { "exportingReliability",
		.statistics = true, .n_scope = 1, .fields = {
		IE("exportingProcessId",       144,  4, UINT, LEDGER(process)),
		IE("notSentFlowTotalCount",    166,  8, UINT,
		   LEDGER(unsent_records)),
		IE("notSentPacketTotalCount",  167,  8, UINT,
		   LEDGER(unsent_packets)),
		IE("notSentOctetTotalCount",   168,  8, UINT,
		   LEDGER(unsent_octets)),
		NOTICED(unsent_first_ns), NOTICED(unsent_last_ns) } },
};

/* clang-format on */

uint16_t
options_v9_scope(const struct field *field)
{
	static const struct {
		uint16_t id, scope;
	} scopes[] = { { 149, 1 }, { 10, 2 }, { 145, 5 } };

	for (size_t i = 0; i < sizeof(scopes) / sizeof(*scopes); i++) {
		if (scopes[i].id == field->id)
			return scopes[i].scope;
	}
	return 0;
}
