/* SPDX-License-Identifier: MIT */
/* descriptors.h: which files a test has open */
#ifndef TESTS_DESCRIPTORS_H
#define TESTS_DESCRIPTORS_H

#include <fcntl.h>

/* How many there are from this descriptor on; the highest that is looked at is 999. */
static inline int count_open(int first)
{
	int count = 0;

	for (int fd = first; fd < 1000; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

#endif
