#!/bin/bash
# SPDX-License-Identifier: MIT
# t61-browser: in real browsers (Chromium, Firefox ESR) without scripts the whole journey succeeds, by telephone and desk, by day and night, and Lighthouse has no complaint
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
. "$srcdir/tests/owner.sh"
stand_start "${owner[@]}"

note 'The journey'
node "$srcdir/tests/browser/journey.mjs"

note 'Room on the screen, for two weeks and for sixty days'
node "$srcdir/tests/browser/room.mjs"
sed -i 's/^\[hours\]$/&\nwindow_days = 60/' "$CONF"
. "$srcdir/tests/journey.sh"
workers_again
node "$srcdir/tests/browser/room.mjs"
sed -i '/^window_days = 60$/d' "$CONF"
workers_again


note 'The journey in Firefox ESR'
node "$srcdir/tests/browser/firefox.mjs"

note 'Lighthouse'
node "$srcdir/tests/browser/lighthouse.mjs"
rm -rf "$owner_folder"
