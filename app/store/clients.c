/* SPDX-License-Identifier: MIT */
/* clients.c: what one client of the site has done within a day */
#include "store/clients.h"
#include "base/clock.h"
#include "base/file.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define DAY_MS INT64_C(86400000)
/* A client has a place in one set of the file, by its hash. */
#define SETS 1024
#define PLACES 8
/* How long the file may be in somebody's hands. */
#define LOCK_MS 1000
#define LOCK_POLL_MS 2
#define NETWORK_BYTES 8

/* The part of the day ahead that is spent already. */
struct place {
	uint64_t who; /* 0: nobody */
	int64_t spent_until_ms;
};

/* False: it is no address. An IPv4 address becomes one of IPv6 (RFC 4291, section 2.5.5.2). */
static bool read_address(const char *address, struct in6_addr *out)
{
	*out = (struct in6_addr){.s6_addr = {[10] = 0xff, 0xff}};
	return inet_pton(AF_INET, address, out->s6_addr + 12) == 1 ||
	       inet_pton(AF_INET6, address, out) == 1;
}

#define FOUR(...)                                                                                  \
	{                                                                                          \
		[10] = 0xff, 0xff, __VA_ARGS__                                                     \
	}

/* Networks by the first bits of their addresses. */
static const struct {
	unsigned char first[16];
	unsigned bits;
} inside[] = {
    {FOUR(127), 104},
    {FOUR(10), 104},
    {FOUR(172, 16), 108},
    {FOUR(192, 168), 112},
    {FOUR(100, 64), 106},
    {FOUR(169, 254), 112},
    {{[15] = 1}, 128},
    {{0xfc}, 7},
    {{0xfe, 0x80}, 10},
};

static bool begins_alike(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned bytes = bits / 8;

	return memcmp(a, b, bytes) == 0 &&
	       (bits % 8 == 0 || (a[bytes] ^ b[bytes]) >> (8 - bits % 8) == 0);
}

static bool is_inside(const struct in6_addr *address)
{
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		if (begins_alike(address->s6_addr, inside[i].first, inside[i].bits))
			return true;
	return false;
}

bool clients_is_inside(const char *address)
{
	struct in6_addr read;

	return read_address(address, &read) && is_inside(&read);
}

/* False: there is none, or nobody's in particular. */
static bool read_network(const char *address, unsigned char out[NETWORK_BYTES])
{
	struct in6_addr read;

	if (!read_address(address, &read) || is_inside(&read))
		return false;
	memset(out, 0, NETWORK_BYTES);
	if (IN6_IS_ADDR_V4MAPPED(&read))
		memcpy(out, read.s6_addr + 12, sizeof(struct in_addr));
	else
		memcpy(out, read.s6_addr, NETWORK_BYTES);
	return true;
}

static bool hash(const struct client *client, uint64_t *out)
{
	const struct secret *key = client->key;
	unsigned char bytes[NETWORK_BYTES + 1] = {[NETWORK_BYTES] = (unsigned char)client->act},
					    made[crypto_generichash_BYTES_MIN];
	size_t key_len =
	    key->len < crypto_generichash_KEYBYTES_MAX ? key->len : crypto_generichash_KEYBYTES_MAX;

	if (!read_network(client->address, bytes))
		return false;
	crypto_generichash(
	    made, sizeof(made), bytes, sizeof(bytes), (const unsigned char *)key->text, key_len);
	memcpy(out, made, sizeof(*out));
	return *out != 0;
}

/* A time that is further away than a day was written before this boot. */
static bool is_free(const struct place *place, int64_t now_ms)
{
	return !place->who || place->spent_until_ms <= now_ms ||
	       place->spent_until_ms > now_ms + DAY_MS;
}

static struct place *find(struct place set[PLACES], uint64_t who, int64_t now_ms)
{
	struct place *least = set;

	for (size_t i = 0; i < PLACES; i++) {
		if (is_free(&set[i], now_ms))
			set[i] = (struct place){0, now_ms};
		else if (set[i].who == who)
			return &set[i];
		if (set[i].spent_until_ms < least->spent_until_ms)
			least = &set[i];
	}
	*least = (struct place){who, now_ms};
	return least;
}

static bool judge(const struct client *client, int64_t now_ms, bool is_counted)
{
	struct place set[PLACES] = {{0}}, *place;
	bool is_admitted;
	int64_t part_ms;
	uint64_t who;
	off_t at;
	int file;

	if (!client->a_day || !hash(client, &who))
		return true;
	file = file_lock_in(client->dir, "clients", clock_boot_ms() + LOCK_MS, LOCK_POLL_MS);
	if (file < 0)
		return true;
	at = (off_t)(who % SETS * sizeof(set));
	/* What is not there is nobody's. */
	(void)!pread(file, set, sizeof(set), at);
	place = find(set, who, now_ms);
	part_ms = DAY_MS / client->a_day;
	is_admitted = place->spent_until_ms + part_ms <= now_ms + DAY_MS;
	if (is_admitted && is_counted) {
		place->spent_until_ms += part_ms;
		/* Where it cannot be written nobody is limited. */
		(void)!pwrite(file, set, sizeof(set), at);
	}
	file_unlock(file);
	return is_admitted;
}

bool clients_may(const struct client *client, int64_t now_ms)
{
	return judge(client, now_ms, false);
}

bool clients_admit(const struct client *client, int64_t now_ms)
{
	return judge(client, now_ms, true);
}
