#!/bin/bash
# SPDX-License-Identifier: MIT
# t62-every-page: every page that a prospect may meet is sound HTML without barriers (WCAG 2.2 AA)
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
. "$srcdir/tests/owner.sh"
stand_start "${owner[@]}"

node "$srcdir/tests/browser/states-check.mjs"
