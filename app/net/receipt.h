/* SPDX-License-Identifier: MIT */
/* receipt.h: what a service says of something that was handed to it to be delivered */
#ifndef NET_RECEIPT_H
#define NET_RECEIPT_H

#include "net/http.h"

/*
 * Only what names the recipient or the content is the message's own fault. Every other refusal is
 * for somebody to mend (a key, a domain, a plan, a proxy in between), and the message is as good
 * as it was.
 */
enum receipt_kind {
	RECEIPT_DELIVERED,
	RECEIPT_REFUSED,    /* for good: its recipient or its content is named as the reason */
	RECEIPT_HELD,	    /* until somebody mends what the detail says */
	RECEIPT_LATER,	    /* not for now: 429, 5xx */
	RECEIPT_CONCURRENT, /* a request with its key is being worked at: again, as it is */
	RECEIPT_CONFLICT,   /* a request with its key and other bytes was taken: never again */
	RECEIPT_UNKNOWN,    /* it was sent, and whether it was taken is not known */
	RECEIPT_UNSENT,	    /* it did not leave this machine */
};

struct receipt {
	enum receipt_kind kind;
	bool may_be_delivered; /* a try that came to this kind may have been delivered all the same
				*/
	int64_t retry_s;       /* when the service asks to come back, 0: it did not say */
	/*
	 * The same for the log, with the service's own sentence, which is one line of bounded
	 * length without addresses and secrets. ERR_AUTH is RECEIPT_HELD. After RECEIPT_DELIVERED
	 * the detail is "", or what the operator should know.
	 */
	struct fail fail;
};

/* What the service itself said, read out of its reply; either may be NULL. */
struct receipt_words {
	const char *name, *sentence;
};

/*
 * A receipt of this kind with words as its detail; without a sentence the reply's body is one, its
 * markup left out. secret is hidden wherever it is repeated.
 */
struct receipt receipt_of(struct arena *arena, enum receipt_kind kind, const char *where,
    const struct http_reply *reply, struct receipt_words words, const char *secret);
/* Of a transfer that failed. */
struct receipt receipt_of_transfer(const char *where, const struct http_reply *reply);
/* What a status means that says nothing of the message: never RECEIPT_DELIVERED or _REFUSED. */
enum receipt_kind receipt_of_status(int status);

#endif
