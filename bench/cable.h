/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cable.h - a program under real traffic, and what the kernel says it took.
 *
 * Two ends of a veth in a network namespace of our own; test/net/volume fills
 * one from two CPUs, at the other's ingress the program stands, its caches cold
 * from all that the kernel does with a packet.  The time is the kernel's
 * (bpf_stats), and so is what it takes to measure it.
 */
#ifndef CABLE_H
#define CABLE_H

#include <stdint.h>

/* From now on this process is in that namespace.  Exits with a message if it
 * cannot be. */
void cable_lay(void);

/* Nanoseconds a packet. */
double cable_run(int program, uint32_t n_flows, uint32_t n_packets);

#endif
