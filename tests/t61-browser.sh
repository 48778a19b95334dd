#!/bin/bash
# SPDX-License-Identifier: MIT
# t61-browser: in a real browser without scripts the whole journey succeeds, at three widths, by day and night
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start

note 'The journey'
node "$srcdir/tests/browser/journey.mjs"
