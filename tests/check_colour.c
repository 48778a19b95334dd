/* SPDX-License-Identifier: MIT */
/* check_colour.c: contrast, and colours that can be read */
#include "core/colour.h"
#include "times.h"

static const struct {
	const char *text;
	bool is_fine;
} texts[] = {
    {"#000000", true},
    {"#1f4fd8", true},
    {"#ABCdef", true},
    {"", false},
    {"#", false},
    {"1f4fd8", false},
    {"#1f4fd", false},
    {"#1f4fd80", false},
    {"#1f4fdg", false},
    {"#-1f4fd", false},
    {"# 1f4fd", false},
    {"blue", false},
    {"#fff;}*{", false},
};

START_TEST(parsed)
{
	struct colour colour;

	ck_assert_int_eq(colour_parse(texts[_i].text, &colour), texts[_i].is_fine);
}
END_TEST

static struct colour of(const char *text)
{
	struct colour colour = {0, 0, 0};

	ck_assert(colour_parse(text, &colour));
	return colour;
}

START_TEST(written_as_read)
{
	char out[COLOUR_TEXT];

	ck_assert_str_eq(colour_format(of("#1F4fd8"), out), "#1f4fd8");
	ck_assert_str_eq(colour_format(of("#00000a"), out), "#00000a");
}
END_TEST

/* Ratios that other calculators print, to two places. */
static const struct {
	const char *a, *b;
	double ratio;
} ratios[] = {
    {"#000000", "#ffffff", 21.0},
    {"#ffffff", "#000000", 21.0},
    {"#777777", "#ffffff", 4.48},
    {"#767676", "#ffffff", 4.54},
    {"#ff0000", "#ffffff", 4.00},
    {"#0000ff", "#ffffff", 8.59},
    {"#123456", "#123456", 1.0},
};

START_TEST(contrasts)
{
	ck_assert_double_eq_tol(
	    colour_contrast(of(ratios[_i].a), of(ratios[_i].b)), ratios[_i].ratio, 0.005);
}
END_TEST

/* Every accent that a business may choose can be read, as text and under text, by day and night. */
START_TEST(always_readable)
{
	const struct colour backgrounds[] = {of("#ffffff"), of("#14171c")};

	for (int red = 0; red < 256; red += 15)
		for (int green = 0; green < 256; green += 15)
			for (int blue = 0; blue < 256; blue += 15) {
				struct colour colour = {
				    (unsigned char)red, (unsigned char)green, (unsigned char)blue};

				for (int i = 0; i < 2; i++) {
					struct colour found =
					    colour_readable(colour, backgrounds[i]);

					ck_assert_double_ge(colour_contrast(found, backgrounds[i]),
					    COLOUR_READABLE);
					ck_assert_double_ge(
					    colour_contrast(colour_on(found), found),
					    COLOUR_READABLE);
				}
			}
}
END_TEST

START_TEST(kept_when_readable)
{
	char out[COLOUR_TEXT];

	ck_assert_str_eq(
	    colour_format(colour_readable(of("#1f4fd8"), of("#ffffff")), out), "#1f4fd8");
	/* Yellow is darkened on white, by no more than it takes, and as it is on black. */
	ck_assert_str_eq(
	    colour_format(colour_readable(of("#ffdd00"), of("#ffffff")), out), "#877500");
	ck_assert_str_eq(
	    colour_format(colour_readable(of("#ffdd00"), of("#14171c")), out), "#ffdd00");
}
END_TEST

START_TEST(mixed)
{
	char out[COLOUR_TEXT];

	ck_assert_str_eq(
	    colour_format(colour_mix(of("#000000"), of("#ffffff"), 100), out), "#000000");
	ck_assert_str_eq(
	    colour_format(colour_mix(of("#000000"), of("#ffffff"), 0), out), "#ffffff");
	ck_assert_str_eq(
	    colour_format(colour_mix(of("#ff0000"), of("#000000"), 50), out), "#800000");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("colour");
	TCase *text = tcase_create("text"), *contrast = tcase_create("contrast");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(text, parsed, 0, (int)COUNT(texts));
	tcase_add_test(text, written_as_read);
	suite_add_tcase(suite, text);
	tcase_add_loop_test(contrast, contrasts, 0, (int)COUNT(ratios));
	tcase_add_test(contrast, always_readable);
	tcase_add_test(contrast, kept_when_readable);
	tcase_add_test(contrast, mixed);
	suite_add_tcase(suite, contrast);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
