/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <err.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "peer.h"

#define FLOWEXPORT(collector)                                                  \
	"@FLOWEXPORT@ -q -c @DIR@/config -r @FILE@ -n " collector,             \
		"flows = { max = 262144; };\n"
#define SOFTFLOWD(version)                                                     \
	"softflowd -d -a -r @FILE@ -m 1000000 -n 127.0.0.1:@PORT@ -v " version

const struct peer peers[] = {
	{ "libpcap-loop", "read", "@SELF@ --loop @FILE@" },
	{ PEER_US, "ipfix", FLOWEXPORT("ipfix+udp://127.0.0.1:@PORT@") },
	{ PEER_US, "netflow9", FLOWEXPORT("netflow9+udp://127.0.0.1:@PORT@") },
	{ PEER_US, "file", FLOWEXPORT("ipfix+file://@DIR@/ipfix") },
	{ "softflowd", "ipfix", SOFTFLOWD("10 -A milli") },
	{ "softflowd", "netflow9", SOFTFLOWD("9") },
	/* With its default pipe it takes minutes, and loses much more. */
	{ "pmacctd", "netflow9", "pmacctd -f @DIR@/config",
	  "daemonize: false\n"
	  "pcap_savefile: @FILE@\n"
	  "plugins: nfprobe\n"
	  "nfprobe_receiver: 127.0.0.1:@PORT@\n"
	  "nfprobe_version: 9\n"
	  "nfprobe_maxflows: 1000000\n"
	  "plugin_pipe_size: 67108864\n"
	  "plugin_buffer_size: 65536\n"
	  "aggregate: src_host, dst_host, src_port, dst_port, proto, tos, "
	  "vlan\n" },
	/* Over UDP it speaks a protocol of its own. */
	{ "nfpcapd", "file", "nfpcapd -r @FILE@ -w @DIR@" },
	{ "yaf", "ipfix",
	  "yaf --in @FILE@ --out 127.0.0.1 --ipfix udp --ipfix-port @PORT@"
	  " --uniflow" },
	/* Over UDP it sleeps for each flow: this is what it can do. */
	{ "yaf", "file", "yaf --in @FILE@ --out @DIR@/ipfix --uniflow" },
	{ "ipfixprobe", "ipfix",
	  "ipfixprobe -i 'pcap;file=@FILE@' -s 'cache;s=20;a=3600;i=3600;S'"
	  " -o 'ipfix;host=127.0.0.1;port=@PORT@;udp'" },
	{ NULL },
};

/* Takes TEXT. */
static char *
replace(char *text, const char *word, const char *with)
{
	g_auto(GStrv) parts = g_strsplit(text, word, -1);

	g_free(text);
	return g_strjoinv(with, parts);
}

static char *
expand(const char *text, const struct peer_words *words)
{
	char *expanded = g_strdup(text);

	expanded = replace(expanded, "@FILE@", words->capture);
	expanded = replace(expanded, "@DIR@", words->dir);
	expanded = replace(expanded, "@PORT@", words->port);
	expanded = replace(expanded, "@SELF@", words->self);
	return replace(expanded, "@FLOWEXPORT@", words->flowexport);
}

static int
remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	(void)stat;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
peer_remove(const char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

bool
peer_is_installed(const struct peer *peer)
{
	g_auto(GStrv) words = g_strsplit(peer->command, " ", 2);
	g_autofree char *found = g_find_program_in_path(*words);

	return **words == '@' || found;
}

bool
peer_sends(const struct peer *peer)
{
	return strstr(peer->command, "@PORT@") ||
	       (peer->config && strstr(peer->config, "@PORT@"));
}

char **
peer_prepare(const struct peer *peer, const struct peer_words *words)
{
	g_autofree char *file = g_build_filename(words->dir, "config", NULL);
	g_autofree char *config = expand(peer->config ?: "", words);
	g_autoptr(GError) error = NULL;
	char **argv;

	peer_remove(words->dir);
	g_mkdir(words->dir, 0700);
	if (!g_file_set_contents(file, config, -1, &error) ||
	    !g_shell_parse_argv(peer->command, NULL, &argv, &error))
		errx(1, "%s", error->message);
	for (char **arg = argv; *arg; arg++) {
		char *word = *arg;

		*arg = expand(word, words);
		g_free(word);
	}
	return argv;
}
