#!/bin/sh
# SPDX-License-Identifier: MIT
# t00-arrows: the folders' arrows point one way: base <- core <- read <- net <- store <- desk <-
# { web, courier, ctl } <- programs; what else each folder may not do; and how the code is set
set -eu
build=$(pwd)
cd "${srcdir:-$(dirname "$0")/..}"

failed=0
# FOLDER ALLOWED: no file of FOLDER includes from a folder that is not allowed.
allow() {
	if grep -nE '^#include "' "app/$1"/*.[ch] | grep -vE "#include \"($2)/"; then
		echo "app/$1 may include from $2 only" >&2
		failed=1
	fi
}
allow base base
allow core 'base|core'
allow read 'base|core|read'
allow net 'base|core|read|net'
allow store 'base|core|read|net|store'
allow desk 'base|core|read|net|store|desk'
allow web 'base|core|net|store|desk|web'
allow ctl 'base|core|read|net|store|desk|ctl'
allow courier 'base|core|read|net|store|desk|courier'

# HEADERS FOLDER: these libraries are known to this folder alone.
only() {
	if grep -lE "^#include <($1)" app/*.c app/*/*.[ch] | grep -vE "^app/($2)/"; then
		echo "<$1> belongs to app/$2" >&2
		failed=1
	fi
}
only 'curl/' net
only 'json-c/' net
only 'libxml/' read
only 'fcgi' web
only 'libical/' read

# Pure code asks nothing of the machine.
if grep -nE '\b(time|clock_gettime|gettimeofday|getenv|localtime(_r)?|mktime|fopen|open|socket|f?printf|malloc)\(' app/core/*.[ch]; then
	echo "app/core is pure" >&2
	failed=1
fi

# WHAT PATTERN FILES: these words stand in these files alone.
words() {
	if grep -nE "$2" app/*.c app/*/*.[ch] | grep -vE "^app/($3)"; then
		echo "$1 belongs to app/($3)" >&2
		failed=1
	fi
}
words 'SQL' '"[^"]*\b(SELECT|INSERT INTO|DELETE FROM|(ALTER|CREATE|DROP|OPTIMIZE|TRUNCATE) (TABLE|DATABASE))\b' store/
# The texts of a brief are a table (core/lead.h), and statements follow from it.
words 'The list of texts of a brief' '\b(budget, ?timeframe|timeframe, ?brief)\b' 'core/lead\.|core/brief\.'
# There is one way into the ledger; a rebuild writes a ledger of its own.
words 'An append' '\bjournal_append\(' 'desk/|store/journal\.'
words 'A judgement' '\bledger_judge\(' 'desk/|core/ledger\.|store/rebuild\.'
words 'What the ledger says' '\b(ledger|journal)_[a-z_]+\(' 'core/|store/|desk/'

# A pipe whose reader ends early fails when its writer is slow (tests/lib.sh has shows for it).
if grep -nE '\| *(grep -[A-Za-z]*q|head\b)' tests/*.sh | grep -v 'fail "'; then
	echo "a test's pipe is read to its end" >&2
	failed=1
fi

# No circle between the files of one folder: which object needs what another one defines.
for folder in base core read net store desk web ctl courier; do
	nm "$build/lib$folder.a" | awk '
		/^[A-Za-z0-9_-]+\.o:$/ { object = substr($1, 1, length($1) - 3) }
		NF == 3 && $2 ~ /^[TDRBVW]$/ { home[$3] = object }
		NF == 2 && $1 == "U" { needs[++count] = $2; from[count] = object }
		END {
			for (i = 1; i <= count; i++)
				if (needs[i] in home && home[needs[i]] != from[i])
					print from[i], home[needs[i]]
		}' | sort -u | tsort >/dev/null || {
		echo "app/$folder: these files need each other" >&2
		failed=1
	}
done

# More than six parameters are a struct that has no name yet.
if ! awk '
	FNR == 1 { head = "" }
	/^\{/ && head != "" {
		name = head
		sub(/\(.*/, "", name)
		sub(/^[^(]*\(/, "", head)
		while (gsub(/\([^()]*\)/, "", head)) ;
		if (gsub(/,/, "", head) > 5) {
			print FILENAME ": " name " has more than six parameters"
			status = 1
		}
		head = ""
		next
	}
	/^[a-z].*\(/ { head = $0; next }
	/^[ \t]/ && head != "" && head !~ /\)$/ { head = head $0; next }
	{ head = "" }
	END { exit status }' app/*.c app/*/*.c; then
	failed=1
fi

if ! clang-format --dry-run -Werror app/*.[ch] app/*/*.[ch] tests/*.[ch]; then
	echo 'the code is set as .clang-format has it' >&2
	failed=1
fi
exit $failed
