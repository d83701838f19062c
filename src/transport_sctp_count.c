/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport_sctp_count.h"

#include <netinet/in.h>
#include <netinet/sctp.h>

static bool
get(int fd, int option, void *value, socklen_t len)
{
	return getsockopt(fd, IPPROTO_SCTP, option, value, &len) == 0;
}

bool
sctp_count(int fd, struct sctp_count *count)
{
	struct sctp_assoc_stats stats = { 0 };
	struct sctp_status status = { 0 };
	struct sctp_prstatus gone = { .sprstat_policy = SCTP_PR_SCTP_TTL };
	uint64_t rest;

	if (!get(fd, SCTP_GET_ASSOC_STATS, &stats, sizeof(stats)) ||
	    !get(fd, SCTP_STATUS, &status, sizeof(status)) ||
	    !get(fd, SCTP_PR_ASSOC_STATUS, &gone, sizeof(gone)))
		return false;
	rest = status.sstat_unackdata + gone.sprstat_abandoned_sent;
	*count = (struct sctp_count){
		.arrived = stats.sas_oodchunks > rest
				   ? stats.sas_oodchunks - rest
				   : 0,
		.given_up = gone.sprstat_abandoned_sent,
		.on_way = status.sstat_unackdata,
		.fragment = status.sstat_fragmentation_point,
	};
	return true;
}
