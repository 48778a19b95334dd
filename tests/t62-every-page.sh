#!/bin/bash
# SPDX-License-Identifier: MIT
# t62-every-page: every page that a prospect may meet is sound HTML without barriers (WCAG 2.2 AA)
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
. "$srcdir/tests/owner.sh"

note 'Every language has the same pages, mails and messages'
# skeleton FILE: its elements and tags, whatever their order; isolated words are a matter of direction.
skeleton() { grep -oE '</?[a-z][a-z0-9]*|\{\{[^}]*\}\}' "$1" | grep -v bdi | sort; }
# keys FILE: of a catalogue; cities are named where a language has names for them.
keys() { awk -F' *=' '/^\[/ { section = $0 } /^[a-z_0-9]+ *=/ && section != "[zone]" { print section, $1 }' "$1"; }
for language in de es he; do
	for file in "$srcdir/templates/$language"/*.html "$srcdir/templates/$language"/*.txt; do
		diff <(skeleton "$srcdir/templates/en/$(basename "$file")") <(skeleton "$file") ||
			fail "$file has another structure than the English one."
	done
	diff <(keys "$srcdir/templates/en/messages.ini") <(keys "$srcdir/templates/$language/messages.ini") ||
		fail "The messages of $language are others than the English ones."
done
stand_start "${owner[@]}"

node "$srcdir/tests/browser/states-check.mjs"
rm -rf "$owner_folder"
