#!/bin/bash
# SPDX-License-Identifier: MIT
# t61-browser: in real browsers (Chromium, Firefox ESR) without scripts the whole journey succeeds, by telephone and desk, by day and night, in forced colours and in large text
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
. "$srcdir/tests/owner.sh"
stand_start "${owner[@]}"

note 'The journey in Chromium, and every look of the pages'
node "$srcdir/tests/browser/journey.mjs"

note 'The same in Firefox ESR'
node "$srcdir/tests/browser/firefox.mjs"
rm -rf "$owner_folder"
