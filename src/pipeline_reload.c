/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pipeline_stages.h"

/* Of another domain tells another meter, since records that wait have the
 * address of this one; which address is ours is as true of it. */
static void
set_meter(struct pipeline *pipeline, uint32_t domain)
{
	struct meter *meter = g_memdup2(pipeline->meter, sizeof(*meter));

	if (domain == meter->domain) {
		g_free(meter);
		return;
	}
	meter->domain = domain;
	pipeline->meter = meter;
	decorate_set_meter(pipeline->decorate, meter);
	fan_set_meter(pipeline->fan, meter);
}

bool
pipeline_reload(struct pipeline *pipeline, const struct config *config,
		GString *notes, GError **error)
{
	struct fan_change *change = fan_prepare(pipeline->fan, config, error);
	const struct live_settings live = stages_live(pipeline, config);
	struct agent_args agent;

	if (!change)
		return false;
	fan_commit(pipeline->fan, change);
	set_meter(pipeline, config->domain);
	stages_timeouts(pipeline, config);
	dedupe_set(pipeline->dedupe, (enum dedupe_mode)config->dedupe_mode,
		   config->dedupe_expire_ns, config->active_timeout_ns);
	live_set(pipeline->live, &live);
	agent = stages_agent(pipeline, config);
	agent_set(pipeline->agent, &agent);
	pipeline->args.config = config;
	if (config->sampling > 1 &&
	    pipeline->consistent != (config->dedupe_mode != DEDUPE_OFF))
		g_string_append(notes, "dedupe.mode: how packets are sampled: "
				       "takes a restart\n");
	if (!pipeline->extremes &&
	    fan_any(pipeline->fan, exporter_wants_extremes))
		g_string_append(notes, "collectors.template: smallest and "
				       "largest packets: takes a restart\n");
	return true;
}
