#!/bin/bash
# SPDX-License-Identifier: MIT
# t61-browser: in real browsers (Chromium, Firefox ESR) without scripts the whole journey succeeds, by telephone and desk, by day and night, and Lighthouse has no complaint
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
. "$srcdir/tests/owner.sh"
stand_start "${owner[@]}"

note 'The journey'
node "$srcdir/tests/browser/journey.mjs"

note 'The journey in Firefox ESR'
node "$srcdir/tests/browser/firefox.mjs"

note 'Lighthouse'
node "$srcdir/tests/browser/lighthouse.mjs"
rm -rf "$owner_folder"
