/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "subject.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <err.h>
#include <stdio.h>
#include <string.h>

static bool
is_hash(const struct bpf_map *map)
{
	switch (bpf_map__type(map)) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		return true;
	default:
		return false;
	}
}

struct bpf_map *
subject_hash(const struct subject *subject)
{
	struct bpf_map *map, *largest = NULL;

	bpf_object__for_each_map(map, subject->object)
	{
		if (is_hash(map) &&
		    (!largest ||
		     bpf_map__max_entries(map) > bpf_map__max_entries(largest)))
			largest = map;
	}
	return largest;
}

static bool
is_wanted(const struct bpf_program *program, const char *name)
{
	return !name || !strcmp(bpf_program__name(program), name) ||
	       !strcmp(bpf_program__section_name(program), name);
}

/* The program that is wanted; no other one is to be loaded. */
static struct bpf_program *
choose(struct bpf_object *object, const struct contestant *contestant)
{
	struct bpf_program *program, *chosen = NULL;

	bpf_object__for_each_program(program, object)
	{
		if (!chosen && is_wanted(program, contestant->program))
			chosen = program;
		else
			bpf_program__set_autoload(program, false);
	}
	if (!chosen)
		errx(1, "%s: no program %s", contestant->file,
		     contestant->program ? contestant->program : "");
	return chosen;
}

static struct bpf_object *
open_object(const struct contestant *contestant)
{
	struct bpf_object *object =
		bpf_object__open_file(contestant->file, NULL);

	if (!object)
		err(1, "%s", contestant->file);
	return object;
}

void
contestant_find(struct contestant *contestant)
{
	struct bpf_object *object = open_object(contestant);

	contestant->name =
		g_intern_string(bpf_program__name(choose(object, contestant)));
	bpf_object__close(object);
}

/* Why the kernel refuses another's program is for who named it to see. */
static int
on_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, args) : 0;
}

static struct subject
open_another(const struct contestant *contestant, uint32_t n)
{
	struct subject subject = { .object = open_object(contestant) };
	struct bpf_program *program = choose(subject.object, contestant);
	struct bpf_map *map, *flows = subject_hash(&subject);

	libbpf_set_print(on_libbpf);
	/* Called by way of a program array, whose programs are of one type. */
	bpf_program__set_type(program, BPF_PROG_TYPE_SCHED_CLS);
	bpf_program__set_expected_attach_type(program, 0);
	bpf_object__for_each_map(map, subject.object)
	{
		bpf_map__set_pin_path(map, NULL);
	}
	if (flows)
		bpf_map__set_max_entries(flows, 2 * n);
	if (bpf_object__load(subject.object))
		err(1, "%s", contestant->file);
	subject.fd = bpf_program__fd(program);
	return subject;
}

struct subject
subject_open(const struct contestant *contestant, uint32_t n)
{
	struct probe_args args = contestant->args;
	struct subject subject = { 0 };
	GError *error = NULL;

	if (contestant->file)
		return open_another(contestant, n);
	args.max = n;
	subject.probe = probe_new(&args, &error);
	if (!subject.probe)
		errx(1, "%s", error->message);
	subject.fd = probe_program(subject.probe, true, true);
	return subject;
}

void
subject_close(struct subject *subject)
{
	probe_free(subject->probe);
	bpf_object__close(subject->object);
	*subject = (struct subject){ 0 };
}
