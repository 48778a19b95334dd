/* SPDX-License-Identifier: MIT */
/* check_language.c: Accept-Language against the languages that there are */
#include "core/language.h"
#include "times.h"

#include <string.h>

static const char *const available[] = {"de-CH", "en", "es"};

static const struct {
	const char *accept, *chosen;
} headers[] = {
    {NULL, NULL},
    {"", NULL},
    {"es", "es"},
    {"ES", "es"},
    {"es-MX", "es"},
    {"es-419", "es"},
    {"en-US,en;q=0.9", "en"},
    {"es-MX,es;q=0.9,en;q=0.8", "es"},
    {"en;q=0.8, es", "es"},
    {"en;q=0.8, es;q=0.81", "es"},
    {"en;q=0.85, es;q=0.9", "es"},
    {"en;q=0.8, es;q=0.8", "en"},
    {"es;q=0.8, en;q=0.9", "en"},
    {"fr, es;q=0.3", "es"},
    {"fr", NULL},
    {"fr-CA, fr;q=0.5", NULL},
    {"*", NULL},
    {"fr, *;q=0.5, en;q=0.1", "en"},
    {"es;q=0, en;q=0.001", "en"},
    {"es;q=0", NULL},
    {"es;q=0.000", NULL},
    {"es ; q=1.000 , en;q=0.999", "es"},
    {"\tes\t;\tq=0.5", "es"},
    {"es;Q=0.5", "es"},
    {"de", NULL},
    {"de-CH", "de-CH"},
    {"de-ch-1996", "de-CH"},
    /* No weights: the element is passed over. */
    {"es;q=2, en;q=0.1", "en"},
    {"es;q=1.001, en;q=0.1", "en"},
    {"es;q=, en;q=0.1", "en"},
    {"es;q=0.1234, en;q=0.1", "en"},
    {"es;q=-1, en;q=0.1", "en"},
    {"es;level=1, en;q=0.1", "en"},
    {"es;q=1x, en;q=0.1", "en"},
    {"es;q=09, en;q=0.1", "en"},
    {"es;q=0x5, en;q=0.1", "en"},
    {"es;x=0.5, en;q=0.1", "en"},
    {"es;x=1", NULL},
    {"es;q=2", NULL},
    {"es;q=1.001", NULL},
    {"en;q=0.5, es;q=1", "es"},
    {"en;q=0, es;q=x", NULL},
    {"es;q", NULL},
    {"es;q=", NULL},
    {"es;q=0.x", NULL},
    {"es;", NULL},
    {"es,q=1", "es"},
    {"es x;q=1", NULL},
    {"es en", NULL},
    /* Nonsense. */
    {",,,", NULL},
    {",,es,,", "es"},
    {";q=1", NULL},
    {"-", NULL},
    {"es-", "es"},
    {"-es", NULL},
    {"e", NULL},
    {"ess", NULL},
    {"\xff\xfe, es", "es"},
};

START_TEST(chosen)
{
	const char *found = language_choose(headers[_i].accept, available, COUNT(available));

	if (headers[_i].chosen)
		ck_assert_pstr_eq(found, headers[_i].chosen);
	else
		ck_assert_ptr_null(found);
}
END_TEST

START_TEST(none_there)
{
	ck_assert_ptr_null(language_choose("es", available, 0));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("language");
	TCase *choosing = tcase_create("choose");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(choosing, chosen, 0, (int)COUNT(headers));
	tcase_add_test(choosing, none_there);
	suite_add_tcase(suite, choosing);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
