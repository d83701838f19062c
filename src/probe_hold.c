/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe_hold.h"

#include "probe_attach.h"

struct hold {
	struct hold_means *means;
	struct attachment *at[2]; /* ingress, egress; or NULL */
	bool tcx;
};

struct hold *
hold_new(struct hold_means *means)
{
	struct hold *hold = g_new0(struct hold, 1);

	hold->means = means;
	return hold;
}

void
hold_free(struct hold *hold)
{
	for (int i = 0; i < 2; i++)
		if (hold->at[i])
			attachment_free(hold->at[i]);
	if (hold->tcx)
		hold->means->n_tcx--;
	g_free(hold);
}

bool
hold_stands(const struct hold *hold)
{
	for (int i = 0; i < 2; i++)
		if (hold->at[i] && !attachment_stands(hold->at[i]))
			return false;
	return true;
}

const char *
hold_method(const struct hold *hold)
{
	return hold->tcx ? "tcx" : "tc";
}

static enum probe_method
choose_method(const struct hold_means *means, const struct iface *iface)
{
	if (means->what.method == PROBE_AUTO &&
	    means->n_tcx >= HOOKS_MAX_AUTO_TCX &&
	    !attachment_has_company(iface))
		return PROBE_TC;
	return means->what.method;
}

static bool
has_tcx(const struct hold *hold)
{
	for (int i = 0; i < 2; i++)
		if (hold->at[i] && attachment_is_tcx(hold->at[i]))
			return true;
	return false;
}

static bool
attach(struct hold *hold, const struct iface *iface, GError **error)
{
	const struct hold_means *means = hold->means;
	const bool wanted[] = { means->what.ingress, means->what.egress };
	enum probe_method method = choose_method(means, iface);
	bool l2 = attachment_has_l2(iface);

	for (int i = 0; i < 2; i++) {
		if (!wanted[i] && hold->at[i])
			attachment_free(g_steal_pointer(&hold->at[i]));
		if (!wanted[i] || hold->at[i])
			continue;
		hold->at[i] =
			attachment_new(probe_program(means->probe, i == 0, l2),
				       iface, i == 0, method, error);
		if (!hold->at[i])
			return false;
	}
	return true;
}

bool
hold_attach(struct hold *hold, const struct iface *iface, GError **error)
{
	bool good;

	hold->means->n_tcx -= hold->tcx;
	good = attach(hold, iface, error);
	hold->tcx = has_tcx(hold);
	hold->means->n_tcx += hold->tcx;
	return good;
}
