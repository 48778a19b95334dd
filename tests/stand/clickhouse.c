// SPDX-License-Identifier: MIT
// clickhouse.c: `clickhouse local` from libchdb.so → a program
//
// The npm package @chdb/lib-linux-x64-gnu holds ClickHouse as a shared library. Its
// chdb_query_cmdline() is the main function of `clickhouse local`; this program loads the library
// named by its first argument and hands it the others.

#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	static char name[] = "clickhouse-local";

	if (argc < 2) {
		fprintf(stderr, "usage: %s libchdb.so [argument ...]\n", argv[0]);
		return 2;
	}
	void *lib = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
	if (!lib) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	int (*run)(int, char **);
	*(void **)&run = dlsym(lib, "chdb_query_cmdline");
	if (!run) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	argv[1] = name;
	return run(argc - 1, argv + 1);
}
