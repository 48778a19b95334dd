#!/bin/bash
# SPDX-License-Identifier: MIT
# t20-history: the promises hold over a short history of prospects and faults, and the checker would notice if not
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
command -v node >/dev/null || skip 'node is missing.'
history=$srcdir/tests/history

note 'The checker finds in a bad history what is wrong with it, and nothing else'
for file in "$history"/bad/*.jsonl; do
	name=$(basename "$file" .jsonl)
	should=$(head -n 1 "$file" | jq -r '.expect | sort | join(" ")')
	code=0
	said=$("$history/check" "$file") || code=$?
	found=$(printf '%s\n' "$said" | sed -n 's/^VIOLATION \([a-z]*\):.*/\1/p' | sort -u | tr '\n' ' ')
	expect_equal "${found% }" "$should" "what is found in $name"
	expect_equal "$code" "$([ -z "$should" ] && echo 0 || echo 1)" "the status for $name"
done

note 'A history of the real programs'
# When ClickHouse is away for most of it, over a hundred briefs are told of afterwards.
"$history/run" --seed 5 --seconds 20 --settle 900
