/* SPDX-License-Identifier: MIT */
/* secret.c: credentials, one file each, in guarded memory */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define SECRET_MAX 4096
/* The units put this in place of a file that is not there, since systemd 252 would refuse to start.
 */
#define SECRET_NONE "none"

enum err secret_load(const char *dir, const char *name, struct secret **out, struct fail *fail)
{
	struct secret *secret;
	char path[PATH_MAX];
	ssize_t len;
	int fd;

	*out = NULL;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return ERR_NONE;
	if (fd < 0)
		return fail_set(fail, ERR_CONFIG, "secret", "%s: %s", path, strerror(errno));
	/* The block ends at a page's end: it is aligned only if its size is a multiple of that. */
	secret = sodium_malloc(sizeof(*secret) + SECRET_MAX + sizeof(secret->len));
	if (!secret) {
		close(fd);
		return fail_set(fail, ERR_SYSTEM, "secret", "no memory");
	}
	len = read(fd, secret->text, SECRET_MAX + 1);
	close(fd);
	if (len > 0 && secret->text[len - 1] == '\n')
		len--;
	if (len <= 0 || len > SECRET_MAX) {
		secret_free(secret);
		return fail_set(fail, ERR_CONFIG, "secret", "%s: %s", path,
		    len < 0    ? "cannot be read"
		    : len == 0 ? "is empty; remove the file to turn an optional service off"
			       : "is longer than 4096 bytes");
	}
	secret->len = (size_t)len;
	secret->text[len] = '\0';
	if (strcmp(secret->text, SECRET_NONE) == 0) {
		secret_free(secret);
		return ERR_NONE;
	}
	for (ssize_t i = 0; i < len; i++) {
		if (secret->text[i] > 0x20 && secret->text[i] < 0x7f)
			continue;
		secret_free(secret);
		return fail_set(fail, ERR_CONFIG, "secret",
		    "%s: must be one line of printable characters", path);
	}
	*out = secret;
	return ERR_NONE;
}

void secret_free(struct secret *secret)
{
	sodium_free(secret);
}

bool secret_is(const struct secret *secret, const char *text)
{
	unsigned char ours[crypto_generichash_BYTES], theirs[crypto_generichash_BYTES];

	if (!secret)
		return false;
	/* Hashes are of one length, whatever was sent. */
	crypto_generichash(
	    ours, sizeof(ours), (const unsigned char *)secret->text, secret->len, NULL, 0);
	crypto_generichash(
	    theirs, sizeof(theirs), (const unsigned char *)text, strlen(text), NULL, 0);
	return sodium_memcmp(ours, theirs, sizeof(ours)) == 0;
}

void secret_guard_process(void)
{
	prctl(PR_SET_DUMPABLE, 0);
}
