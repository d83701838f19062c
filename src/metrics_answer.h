/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics_answer.h - what is answered to a request.
 *
 * Whoever asks in one turn of the loop is told the same page: a crowd takes no
 * more of it, nor of memory, than one does.
 */
#ifndef METRICS_ANSWER_H
#define METRICS_ANSWER_H

#include "metrics_calls.h"

struct answerer {
	void (*write)(GString *page, void *to);
	void *to;
	struct MHD_Response *page; /* of this turn; NULL: none was asked for */
};

/* The server's callback, with the struct answerer. */
enum MHD_Result answer(void *to, struct MHD_Connection *client,
		       const char *path, const char *method,
		       const char *version, const char *upload,
		       size_t *upload_len, void **request);

/* The turn is over. */
void answer_forget_page(struct answerer *answerer);

#endif
