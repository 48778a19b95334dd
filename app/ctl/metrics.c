/* SPDX-License-Identifier: MIT */
/* metrics.c: what the machine counted, as /metrics says it, for a textfile collector */
#include "desk/metrics.h"
#include "ctl/ctl.h"

#include <stdio.h>

static int run(struct ctl *ctl)
{
	struct counters *counters = counters_look(ctl->conf->site.runtime_dir);
	struct text out = text_new(ctl->arena, METRICS_TEXT_MAX);

	metrics_write(&ctl->upstream, counters, ctl->arena, &out);
	counters_close(counters);
	if (text_overflowed(&out))
		return ctl_say(CTL_FAULT, "no memory");
	fwrite(out.data, 1, out.len, stdout);
	return CTL_DONE;
}

const struct ctl_command ctl_metrics = {
    .name = "metrics",
    .help = "what /metrics says, for a textfile collector; no worker is needed",
    .is_text = true,
    .secrets = CREDENTIALS_CLICKHOUSE | CREDENTIALS_GOOGLE,
    .run = run,
};
