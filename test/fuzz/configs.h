/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * configs.h - what holds of every configuration that was accepted.
 */
#ifndef CONFIGS_H
#define CONFIGS_H

#include "config.h"

/* What config_dump() writes of CONFIG is read again, as the same. */
void configs_check_dump(const struct config *config);

#endif
