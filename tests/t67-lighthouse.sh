#!/bin/bash
# SPDX-License-Identifier: MIT
# t67-lighthouse: the schedule has room on telephone and desk, for two weeks and for sixty days, nothing moves while it comes, and Lighthouse has no complaint
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
. "$srcdir/tests/owner.sh"
stand_start "${owner[@]}"
. "$srcdir/tests/journey.sh"

note 'Room on the screen'
node "$srcdir/tests/browser/room.mjs"
set_key hours window_days 60
workers_again
node "$srcdir/tests/browser/room.mjs"
sed -i '/^window_days = 60$/d' "$CONF"
workers_again

note 'Lighthouse'
node "$srcdir/tests/browser/lighthouse.mjs"

note 'A page that comes in pieces'
node "$srcdir/tests/browser/still.mjs"
rm -rf "$owner_folder"
