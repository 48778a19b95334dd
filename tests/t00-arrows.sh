#!/bin/sh
# SPDX-License-Identifier: MIT
# t00-arrows: the folders' arrows point one way: base <- core <- net <- store <- desk <-
# { web, courier, ctl } <- programs
set -eu
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
allow net 'base|core|net'
allow store 'base|core|net|store'
allow desk 'base|core|net|store|desk'
allow web 'base|core|net|store|desk|web'
allow ctl 'base|core|net|store|desk|ctl'
allow courier 'base|core|net|store|desk|courier'

# HEADERS FOLDER: these libraries are known to this folder alone.
only() {
	if grep -lE "^#include <($1)" app/*.c app/*/*.[ch] | grep -vE "^app/($2)/"; then
		echo "<$1> belongs to app/$2" >&2
		failed=1
	fi
}
only 'curl/' net
only 'json-c/' 'net|store'
only 'fcgi' web
only 'libical/' store

# Pure code asks nothing of the machine.
if grep -nE '\b(time|clock_gettime|gettimeofday|getenv|localtime(_r)?|mktime|fopen|open|socket|f?printf|malloc)\(' app/core/*.[ch]; then
	echo "app/core is pure" >&2
	failed=1
fi
exit $failed
