/* SPDX-License-Identifier: MIT */
/* mutate.h: protective steps that a test build leaves out */
#ifndef BASE_MUTATE_H
#define BASE_MUTATE_H

/*
 * `if (MUTATED(NO_OVERLAP_CHECK) …)` marks a step that keeps a promise. tests/history/mutants
 * builds the programs with -DMUTATE='"NO_OVERLAP_CHECK"', for one name after the other, and
 * requires that the checker of histories notices. In every other build MUTATED() is a constant
 * false and leaves no code behind. The names, and what each takes away, stand in
 * tests/history/mutants.
 */
#ifndef MUTATE
#define MUTATE ""
#endif
#define MUTATED(name) (__builtin_strcmp(MUTATE, #name) == 0)

#endif
