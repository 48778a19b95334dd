#!/bin/bash
# SPDX-License-Identifier: MIT
# t90-clients: the stand-ins behave as the services' own clients expect the services to
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"

stand=$srcdir/tests/stand
command -v node >/dev/null || skip 'node is missing.'
[ -d "$stand/node_modules/@googleapis/calendar" ] || skip 'The clients are missing; ./bootstrap demo gets them.'

mkdir "$work/credentials"
while read -r name value; do
	printf '%s\n' "$value" >"$work/credentials/$name"
done <<END
google-client-id 123456-stand.apps.example.com
google-client-secret GOCSPX-stand
google-refresh-token 1//stand
resend-api-key re_stand
telegram-bot-token 123456789:stand
END
setpriv --pdeathsig TERM node "$stand/outside.mjs" "$work/ports.json" "$work/credentials" &
outside=$!
at_end() { kill "$outside"; }
wait_until test -s "$work/ports.json"
timeout 120 node "$stand/clients.mjs" "$work/ports.json" "$work/credentials"
