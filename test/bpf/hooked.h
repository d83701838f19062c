/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooked.h - programs at the interfaces v0, v1 and so on of a network namespace
 * of our own, and what was told of them.
 */
#ifndef HOOKED_H
#define HOOKED_H

#include "kernel.h"
#include "probe_hooks.h"

enum { HOOKED_FLOWS = 64 };

struct hooked {
	enum probe_method method;
	struct hooks *hooks;
	GString *told; /* " NAME tcx;", " NAME tc;" or " NAME no;" for each */
};

/* As kernel_main(). */
int hooked_main(int argc, char **argv, void (*add)(void));

/* Adds "/hooks/NAME/METHOD", with a namespace and hooks of its own. */
void hooked_add(const char *name, enum probe_method method,
		void (*test)(struct hooked *f, const void *method));

/* Whether this kernel has it. */
bool hooked_has_tcx(void);

/* A command, which succeeds. */
void hooked_run(const char *format, ...) G_GNUC_PRINTF(1, 2);

void hooked_add_iface(int n);
struct iface hooked_get_iface(int n);

/* Programs at the interface, by the method of the test. */
int hooked_ingress(const struct hooked *f, int n);
int hooked_egress(const struct hooked *f, int n);

/* Now, and how; or beside the loop. */
const char *hooked_attach(struct hooked *f, int n);
void hooked_attach_begin(struct hooked *f, int n);
void hooked_detach_begin(struct hooked *f, int n);

/* Returns when it is done. */
void hooked_detach_all(struct hooked *f);

#endif
