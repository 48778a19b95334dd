/* SPDX-License-Identifier: MIT */
/* reader.h: the slotguard-reader that was built, for the suites that start it */
#ifndef TESTS_READER_H
#define TESTS_READER_H

#include <stdlib.h>

static inline void use_built_reader(void)
{
	setenv("SLOTGUARD_READER", BUILT_READER, 1);
}

#endif
