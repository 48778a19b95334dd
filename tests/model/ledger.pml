/* SPDX-License-Identifier: MIT */
/*
 * ledger.pml: how a booking is made: prospects, workers, the courier and what is outside
 *
 * `tests/model/run` checks it; `make model` for the long way. Spin 6.5.
 *
 * What is modelled
 *
 *   ClickHouse  An append takes effect at one moment or never, possibly after its sender gave up;
 *               its answer may be lost; its token may be used up without a row, or forgotten, so
 *               that a repeat adds a second row; the server may refuse. A tail read may fail, and
 *               otherwise shows every row that stands then.
 *   Google      An insert under an id that exists changes nothing (409); one whose answer never came
 *               may still arrive. A deleted event keeps its id for ever (410, and 409 to an insert);
 *               deleting what was never there leaves no trace (404).
 *   a prospect  clicks any slot or cancels, at any time, in any number of tabs, without waiting for
 *               an earlier answer.
 *   a worker    looks, appends, reads the tail, follows, answers: and stalls (others run) or crashes
 *               between any two of them. A stall is a step that is long in coming, so the search
 *               over all orders has every late wake-up in it.
 *   the owner   with -DDELETIONS=k deletes k events of calls in the calendar. (Dragging one is the same: it
 *               is a command at the event's version.)
 *   the courier takes any booking whose present version is not recorded as delivered, writes the row,
 *               lists the booking's events, deletes those of older versions and inserts its own.
 *
 * Each step is a function of the program; the list is checked against the source by tests/model/run:
 *
 *   step look: visit_look() in app/web/visit.c
 *   step judge: judge() in app/core/ledger.c
 *   step replay: ledger_apply() in app/core/ledger.c
 *   step append: insert() in app/store/journal.c
 *   step tail: journal_refresh() in app/store/journal.c
 *   step mark: take() in app/store/journal.c
 *   step go_on: journal_append() in app/store/journal.c
 *   step answer: change_make() in app/desk/change.c
 *   step refused: visit_change() in app/web/visit.c
 *   step unconfirmed: unconfirmed() in app/web/visit.c
 *   step follow: follow_entry() in app/desk/follow.c
 *   step event: calendar_insert_start() in app/net/calendar.c
 *   step due: read_booking() in app/courier/serve.c
 *   step row: write_row() in app/courier/serve.c
 *   step list: list() in app/courier/event.c
 *   step remove: agree() in app/courier/event.c
 *   step insert: insert() in app/courier/event.c
 *   step record: record_outcomes() in app/courier/record.c
 *   step obey: change() in app/courier/obey.c
 *
 * What is asserted (the numbers are those of the design's invariants)
 *
 *   1, 2  held[] has one bit a slot: no bit with two bookings, and at most one bit a booking.
 *   3     a click answered 'booked' has an accepted entry, now and after every later row.
 *   4     whenever nothing is under way and nothing is due, a booking's row is its newest and its live
 *         events are exactly the one of its live version.
 *   5     a click answered 'gone' has no accepted entry, now and after every later row.
 *   6     a click takes effect at most once; and no entry changes a booking that its form did not
 *         show.
 *   7     with -DMAX_CHANGES=k: no prospect takes a time more than k times, nor changes a booking more
 *         than k + 1 times, the last one being a cancel. With -DCAPS: of the slots that one cap counts
 *         only one is ever held, though each slot is under several.
 *         With -DLIVENESS: in the end (fair scheduling) no click is without an outcome and
 *         nothing is due.
 *
 * Reductions, and why they lose nothing
 *
 *   - The replay is a function of the rows, so all who read the same rows have the same state: it is
 *     kept once (at, held, verdict), and brought up to date with the row that changes it. What a
 *     step reads is the state of that moment, since every step that decides reads the tail first.
 *     A look at a click reads less than a tail, the table's identity and its number of rows: what it
 *     lets pass is judged by the tail after the append, and what it refuses changes nothing.
 *     Under RESTORE the rows can change under a reader, so each worker has a copy of its own.
 *   - A click that is refused when it is looked at appends nothing and changes nothing, so it is left
 *     out. What is left has a form of the present version: the version is read in that step.
 *   - The sending of an append and its effect are one step, when it is answered or only the answer is
 *     lost: nobody can see the time between. If its sender gives up first, it is in flight[].
 *   - A row of consulting_bookings replaces another only if its version is higher, so a late write
 *     does nothing and an early one only spares the courier's: only the courier's is modelled.
 *   - A worker sends the event at once (under_way[]) and answers; it lands at any later time or never,
 *     which covers its waiting, its giving up and its end.
 *   - Prospects are interchangeable, so are slots and workers: the first click is prospect 1's, for
 *     slot 1, and worker 0's. (Nobody can cancel or move before that one.)
 *   - Blocks, erasing and buffers are judged in the same place by the same form of condition. Caps and
 *     the limit of changes are in searches of their own, with every change a prospect's, since the
 *     business's are judged by fewer conditions.
 *   - Entries have the numbers 1, 2, 3 … : the replay compares numbers and does not count with them.
 *   - An append that the server refused, and one that never left, are an append without a row.
 *   - LEDGER_ONLY leaves out rows, events and the courier: no step of the ledger reads them, so 1, 2,
 *     3, 5 and 6 can be checked with more clicks and faults than 4.
 *
 * What is assumed of the outside, and not more: a row is seen from the moment that its number is drawn
 * (MUTATE_LATE_ROWS is the model without that); a row that was seen stays, unless a table is restored,
 * and a restored table can be told from the one before; Google keeps the id of a deleted event.
 *
 * With -DRESTORE=k the table is once replaced by its first k rows. A click whose row went with that
 * is exempt from 3 and 5: what a backup does not hold cannot be kept. What is appended later is not:
 * programs that know that the table is another refuse, and so acknowledge nothing that does not stand.
 *
 * Each MUTATE_… takes one care away; tests/model/run demands that each is found out.
 *
 * Bounds: CLICKS, FAULTS (lost answers, failures, refusals, of all outside together), CRASHES.
 */
#ifndef PROSPECTS
#define PROSPECTS 2
#endif
#ifndef SLOTS
#define SLOTS 2
#endif
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef CLICKS
#define CLICKS 2
#endif
#ifndef FAULTS
#define FAULTS 2
#endif
#ifndef CRASHES
#define CRASHES 1
#endif

/* An append goes on under a new token with the id that it has; the mutations give it a new id. */
#if defined(MUTATE_NEW_ID_WHEN_USED_UP) || defined(MUTATE_NEW_ID_WHEN_UNKNOWN)
#define SERIES 2
#else
#define SERIES 1
#endif
#define IDS (CLICKS * SERIES)
#define CLICK(id) (((id) - 1) % CLICKS + 1)
#define ROWS (CLICKS + FAULTS)

/* verdicts */
#define NOT_SEEN 0
#define ACCEPTED 1
#define REPEATED 2
#define OVERLAP 3
#define CAPPED 4
#define STALE 5
#define NOT_LIVE 6
#define ENOUGH 7 /* changed often enough */

/* what a prospect is told */
#define NOTHING 0
#define BOOKED 1 /* or cancelled */
#define GONE 2
#define MOVED_ON 3
#define UNCONFIRMED 4

/* what a worker makes of an append's answer */
#define OK 1
#define UNSURE 2
#define REFUSED 3

/* events */
#define NO_EVENT 0
#define LIVE 1
#define DELETED 2

/* The clicks that became commands: whose, for which slot (0: cancel), from a form of which version. */
byte clicks;
byte who[CLICKS + 1], want[CLICKS + 1], version[CLICKS + 1], told[CLICKS + 1];
#ifdef MUTATE_VERSION_AT_CLICK
byte shown[CLICKS + 1];
#define SHOWN(click) shown[click]
#else
#define SHOWN(click) version[click]
#endif

/* ClickHouse: the table (row n holds an id), used tokens, appends in flight. */
byte rows, row[ROWS + 1];
#ifdef MUTATE_LATE_ROWS
bit hidden_row[ROWS + 1];
#define IS_SEEN(n) (!hidden_row[n])
#else
#define IS_SEEN(n) 1
#endif
bit used[CLICKS + 1], flight[IDS + 1];

/* The replay of the table: a row's verdict, an id's row, a booking's version and slots. */
byte log[ROWS + 1], length;
byte verdict[ROWS + 1], stands[IDS + 1], at[PROSPECTS + 1], held[PROSPECTS + 1];
#ifdef MAX_CHANGES
byte changes[PROSPECTS + 1];
#endif

/* What follows: the newest row, the events by version, and what the courier has recorded. */
byte row_at[PROSPECTS + 1], event[ROWS + 1];
bit under_way[ROWS + 1], delivered[ROWS + 1];

#ifdef DELETIONS
byte owners = DELETIONS; /* deletions that are to come */
bit undone[ROWS + 1]; /* events that the owner deleted */
#endif

byte faults = FAULTS, crashes = CRASHES;
byte busy; /* workers with a click */
byte loose; /* appends and events in flight */
byte due; /* bookings whose present version is not recorded as delivered */

#ifdef RESTORE
bit was_restored, is_lost[CLICKS + 1];
byte copy[WORKERS * (ROWS + 1)], copied[WORKERS];
#define COPY(n) copy[self * (ROWS + 1) + (n)]
#define IS_LOST(click) is_lost[click]
#else
#define IS_LOST(click) 0
#endif

byte i, j, others, effects; /* scratch: 0 between steps */

#define BIT(s) (1 << (s))
#define OWNER(n) who[CLICK(log[n])]
#define SLOT(n) want[CLICK(log[n])]
#define SEEN_VERSION(n) version[CLICK(log[n])]

#if defined(MAX_CHANGES) && !defined(MUTATE_NO_CHANGES_CHECK)
/* A cancel may be one more. */
#define IS_ENOUGH(n) (changes[OWNER(n)] >= MAX_CHANGES + !SLOT(n))
#else
#define IS_ENOUGH(n) 0
#endif

/* Two caps of one call each: of the slots 1 and 2, and of the slots 2 and 3. */
#define CAP_1 (BIT(1) | BIT(2))
#define CAP_2 (BIT(2) | BIT(3))
#define IS_UNDER(n, cap) ((BIT(SLOT(n)) & cap) && (others & cap))
#if defined(CAPS) && defined(MUTATE_FIRST_CAP_ONLY)
#define IS_CAPPED(n) (SLOT(n) && IS_UNDER(n, CAP_1))
#elif defined(CAPS) && !defined(MUTATE_NO_CAP_CHECK)
#define IS_CAPPED(n) (SLOT(n) && (IS_UNDER(n, CAP_1) || IS_UNDER(n, CAP_2)))
#else
#define IS_CAPPED(n) 0
#endif

inline find_others(b)
{
	others = 0;
	j = 1;
	do
	:: j <= PROSPECTS ->
		if
		:: j != b -> others = others | held[j]
		:: else
		fi;
		j++
	:: else -> break
	od;
	j = 0
}

/* Steps judge and replay: entry i, on the state before it. */
inline replay_one()
{
	find_others(OWNER(i));
	if
	:: stands[log[i]] -> verdict[i] = REPEATED
	:: else ->
		stands[log[i]] = i;
		if
#ifndef MUTATE_NO_VERSION_CHECK
		:: SEEN_VERSION(i) != at[OWNER(i)] -> verdict[i] = STALE
#endif
		:: else ->
			if
			:: !SLOT(i) && !held[OWNER(i)] -> verdict[i] = NOT_LIVE
			:: (SLOT(i) || held[OWNER(i)]) && IS_ENOUGH(i) -> verdict[i] = ENOUGH
			:: !IS_ENOUGH(i) && SLOT(i) && (others & BIT(SLOT(i))) ->
				verdict[i] = OVERLAP
			:: !IS_ENOUGH(i) && SLOT(i) && !(others & BIT(SLOT(i))) && IS_CAPPED(i) ->
				verdict[i] = CAPPED
			:: else ->
				verdict[i] = ACCEPTED;
				assert(SHOWN(CLICK(log[i])) == at[OWNER(i)]); /* invariant 6 */
				at[OWNER(i)] = i;
#ifdef MAX_CHANGES
				changes[OWNER(i)]++;
#endif
				held[OWNER(i)] = 0;
				if
				:: SLOT(i) -> held[OWNER(i)] = held[OWNER(i)] | BIT(SLOT(i))
				:: else
				fi
			fi
		fi
	fi;
	others = 0
}

/* Only a booking's present version counts. */
inline count_due()
{
	due = 0;
	i = 1;
	do
	:: i <= PROSPECTS -> due = due + (at[i] && !delivered[at[i]]); i++
	:: else -> break
	od;
	i = 0
}

/* log[1 … length] from the start. */
inline replay_log()
{
	i = 1;
	do
	:: i <= PROSPECTS ->
		at[i] = 0;
		held[i] = 0;
#ifdef MAX_CHANGES
		changes[i] = 0;
#endif
		i++
	:: else -> break
	od;
	i = 1;
	do
	:: i <= IDS -> stands[i] = 0; i++
	:: else -> break
	od;
	i = 1;
	do
	:: i <= ROWS ->
		verdict[i] = NOT_SEEN;
		if
		:: i <= length && IS_SEEN(i) -> replay_one()
		:: else
		fi;
		i++
	:: else -> break
	od;
	count_due()
}

inline replay()
{
	i = 1;
	do
	:: i <= ROWS -> log[i] = row[i]; i++
	:: else -> break
	od;
	length = rows;
	replay_log()
}

inline check_invariants()
{
	i = 1;
	do
	:: i <= PROSPECTS ->
		find_others(i);
		assert((held[i] & others) == 0); /* invariant 1 */
		assert((held[i] & (held[i] - 1)) == 0); /* invariant 2 */
#ifdef CAPS
		assert(!(held[i] & CAP_1) || !(others & CAP_1)); /* invariant 7 */
		assert(!(held[i] & CAP_2) || !(others & CAP_2));
#endif
#ifdef MAX_CHANGES
		effects = 0;
		j = 1;
		do
		:: j <= rows ->
			effects = effects + (who[CLICK(row[j])] == i && want[CLICK(row[j])] &&
				verdict[j] == ACCEPTED);
			j++
		:: else -> break
		od;
		assert(effects <= MAX_CHANGES && changes[i] <= MAX_CHANGES + 1); /* invariant 7 */
		j = 0;
		effects = 0;
#endif
		others = 0;
		i++
	:: else -> break
	od;
	i = 1;
	do
	:: i <= CLICKS ->
		effects = 0;
		j = 1;
		do
		:: j <= rows ->
			effects = effects + (CLICK(row[j]) == i && verdict[j] == ACCEPTED);
			j++
		:: else -> break
		od;
		assert(effects <= 1); /* invariant 6 */
		assert(told[i] != BOOKED || effects == 1 || IS_LOST(i)); /* invariant 3 */
		assert(told[i] != GONE || effects == 0 || IS_LOST(i)); /* invariant 5 */
		i++
	:: else -> break
	od;
	i = 0;
	j = 0;
	effects = 0
}

/* The one moment at which an append takes effect. */
inline take_effect(id)
{
	rows++;
	row[rows] = id;
	replay();
	check_invariants()
}

#define FORGET used[click] = 0; busy--; click = 0; id = 0; put = 0
#define CRASHES_HERE crashes -> d_step { crashes--; FORGET }

inline tell(words)
{
	told[click] = words;
	check_invariants();
	FORGET
}

/* Step event: the insert leaves the worker; when it arrives is Outside's. */
inline send_event()
{
	if
	:: want[click] && !under_way[stands[id]] -> under_way[stands[id]] = 1; loose++
	:: else
	fi
}

#ifdef RESTORE
/*
 * Steps tail and mark, when the table may change under the reader: the reader's copy is brought up
 * to date, and put is what its own replay says of its id.
 */
inline read_tail()
{
#if defined(MUTATE_RELOAD)
	/* How many rows stand up to the last position, and the id there: what stands before can differ. */
	if
	:: rows < copied[self] || row[copied[self]] != COPY(copied[self]) -> copied[self] = 0
	:: else
	fi;
#elif !defined(MUTATE_KEEP_STATE)
	if
	:: was_restored -> copied[self] = 0
	:: else
	fi;
#endif
	i = copied[self] + 1;
	do
	:: i <= rows -> COPY(i) = row[i]; copied[self] = i; i++
	:: else -> break
	od;
	i = 1;
	do
	:: i <= ROWS ->
		if
		:: i > copied[self] -> COPY(i) = 0
		:: else
		fi;
		log[i] = COPY(i);
		i++
	:: else -> break
	od;
	length = copied[self];
	replay_log();
	seen = (stands[id] -> verdict[stands[id]] : NOT_SEEN);
	replay()
}
#else
inline read_tail()
{
	seen = (stands[id] -> verdict[stands[id]] : NOT_SEEN)
}
#endif

proctype Worker(byte self)
{
	byte click, id, put, seen;

end_idle:
idle:
	/* Step look: somebody clicks, and it is what the state of this moment would accept. */
	atomic {
		clicks < CLICKS && (clicks || self == 0) ->
		if
		:: clicks == 0 -> click = 1; put = 1
		:: else ->
			click = 1;
			do
			:: click < PROSPECTS -> click++
			:: break
			od;
			put = 0;
			do
			:: put < SLOTS -> put++
			:: break
			od
		fi;
		find_others(click);
		if
		:: (put && !(others & BIT(put)) && held[click] != BIT(put)) ||
			(!put && held[click]) ->
			others = 0;
			clicks++;
			busy++;
			who[clicks] = click;
			want[clicks] = put;
			version[clicks] = at[click];
#ifdef MUTATE_VERSION_AT_CLICK
			if
			:: shown[clicks] = at[click]
			:: shown[clicks] = 0
			fi;
#endif
			click = clicks;
			id = click;
			put = 0
		:: else -> others = 0; click = 0; put = 0; goto idle
		fi
	}

append:
	/* Step append. */
	atomic {
		if
		:: !used[click] -> d_step { used[click] = 1; take_effect(id); put = OK }
		/* The token is used: a row under it stands, or the commit had failed. */
		:: used[click] -> put = OK
		/* The token is forgotten. */
		:: faults && used[click] -> d_step { faults--; take_effect(id); put = OK }
		/* The answer is lost, with a row and without. */
		:: faults && !used[click] ->
			d_step { faults--; used[click] = 1; take_effect(id); put = UNSURE }
		:: faults && !used[click] -> d_step { faults--; used[click] = 1; put = UNSURE }
		/* Nobody knows: it may take effect later, or never. */
		:: faults && !flight[id] -> d_step { faults--; flight[id] = 1; loose++; put = UNSURE }
		:: faults -> d_step { faults--; put = REFUSED }
		:: CRASHES_HERE; goto idle
		fi;
#ifdef MUTATE_ACKNOWLEDGE_BEFORE_TAIL
		if
		:: put == OK -> d_step { told[click] = BOOKED; check_invariants() }
		:: else
		fi
#endif
	}

tail:
	/* Steps tail, go_on and answer: the verdict, or how to go on without one. */
	atomic {
#ifdef MUTATE_ANSWER_IS_VERDICT
		if
		:: put == OK -> d_step { tell(BOOKED) }
		:: else -> d_step { tell(GONE) }
		fi;
		goto idle;
#endif
		if
		:: CRASHES_HERE; goto idle
		:: faults -> d_step { faults--; put = UNSURE }; goto unknown
		:: d_step { read_tail() }
		fi;
#if defined(RESTORE) && !defined(MUTATE_KEEP_STATE) && !defined(MUTATE_RELOAD)
		if
		:: was_restored -> d_step { seen = 0; tell(UNCONFIRMED) }; goto idle
		:: else
		fi;
#endif
		if
		:: seen == ACCEPTED -> goto follow
		/* Step refused. */
		:: seen == OVERLAP || seen == CAPPED -> d_step { seen = 0; tell(GONE) }; goto idle
		:: seen > CAPPED -> d_step { seen = 0; tell(MOVED_ON) }; goto idle
		:: !seen && put == OK ->
			/* Answered with success and absent: the token was used up. */
			put = 0;
#ifndef MUTATE_NO_GO_ON
			used[click] = 0;
#endif
#ifdef MUTATE_NEW_ID_WHEN_USED_UP
			if
			:: id + CLICKS <= IDS -> id = id + CLICKS
			:: else -> d_step { tell(UNCONFIRMED) }; goto idle
			fi;
#endif
			goto append
		:: !seen && put == UNSURE -> goto unknown
		:: !seen && put == REFUSED -> d_step { tell(UNCONFIRMED) }; goto idle
		fi;
unknown:
		put = 0;
		if
		/* There is time: again, under the same id. */
		:: goto again
		/* Step unconfirmed: there is none. */
#ifdef MUTATE_TIME_OUT_IS_FAILURE
		:: d_step { tell(GONE) }; goto idle
#else
		:: d_step { tell(UNCONFIRMED) }; goto idle
#endif
		fi;
again:
#ifdef MUTATE_NEW_ID_WHEN_UNKNOWN
		if
		:: id + CLICKS <= IDS -> id = id + CLICKS; used[click] = 0
		:: else
		fi;
#endif
		goto append
	}

follow:
	/* Step follow: row and events at once, then the answer. */
	atomic {
		put = 0;
		seen = 0;
		if
#ifndef LEDGER_ONLY
		:: d_step {
			send_event();
			if
			:: event[version[click]] == LIVE -> event[version[click]] = DELETED
			:: else
			fi;
			tell(BOOKED)
		}
		:: faults -> d_step { faults--; send_event(); tell(BOOKED) }
		:: crashes -> d_step { send_event(); crashes--; FORGET }
#else
		:: d_step { tell(BOOKED) }
#endif
		:: CRASHES_HERE
		fi;
		goto idle
	}
}

#ifdef MUTATE_LATE_ROWS
/* The number is drawn at one moment, and the row is seen at another. */
#define ARRIVED(id) rows++; row[rows] = id; hidden_row[rows] = 1; loose++; replay()
#define SHOW(n) \
	d_step { !IS_SEEN(n) -> hidden_row[n] = 0; loose--; replay(); check_invariants() }
#else
#define ARRIVED(id) take_effect(id)
#endif

/* An append in flight takes effect, or never does. */
#define LAND(id) \
	atomic { \
		flight[id] -> \
		if \
		:: d_step { flight[id] = 0; loose--; ARRIVED(id) } \
		:: d_step { flight[id] = 0; loose-- } \
		fi \
	}

/* An insert in flight arrives at the calendar, or never does. */
#define ARRIVE(n) \
	atomic { \
		under_way[n] -> \
		if \
		:: d_step { \
			under_way[n] = 0; \
			loose--; \
			if \
			:: event[n] == NO_EVENT -> event[n] = LIVE \
			:: else \
			fi \
		} \
		:: d_step { under_way[n] = 0; loose-- } \
		fi \
	}

#ifdef DELETIONS
#define UNDO(n) \
	d_step { \
		owners && event[n] == LIVE -> \
		owners--; \
		event[n] = DELETED; \
		undone[n] = 1 \
	}
#endif

proctype Outside()
{
end_calm:
	do
#ifdef DELETIONS
	:: UNDO(1)
	:: UNDO(2)
#if ROWS > 2
	:: UNDO(3)
#endif
#if ROWS > 3
	:: UNDO(4)
#endif
#if ROWS > 4
#error more rows than the owner has lines for
#endif
#endif
	:: LAND(1)
	:: LAND(2)
#if IDS > 2
	:: LAND(3)
#endif
#if IDS > 3
	:: LAND(4)
#endif
#if IDS > 4
	:: LAND(5)
#endif
#if IDS > 5
	:: LAND(6)
#endif
#if IDS > 6
	:: LAND(7)
#endif
#if IDS > 7
	:: LAND(8)
#endif
#if IDS > 8
#error more ids than Outside has lines for
#endif
#ifndef LEDGER_ONLY
	:: ARRIVE(1)
	:: ARRIVE(2)
#if ROWS > 2
	:: ARRIVE(3)
#endif
#if ROWS > 3
	:: ARRIVE(4)
#endif
#if ROWS > 4
	:: ARRIVE(5)
#endif
#if ROWS > 5
	:: ARRIVE(6)
#endif
#if ROWS > 6
#error more rows than Outside has lines for
#endif
#endif
#ifdef MUTATE_LATE_ROWS
	:: SHOW(1)
	:: SHOW(2)
#endif
#ifdef RESTORE
	/* An older table comes back: what was acknowledged after it is lost, and no concern here. */
	:: d_step {
		!was_restored && rows ->
		was_restored = 1;
		j = rows;
		do
		:: j > RESTORE -> is_lost[CLICK(row[j])] = 1; row[j] = 0; j--
		:: else -> break
		od;
		rows = (rows < RESTORE -> rows : RESTORE);
		replay();
		check_invariants()
	}
#endif
	od
}

#ifndef LEDGER_ONLY
#define IS_DUE(b) (at[b] && !delivered[at[b]])
#ifdef DELETIONS
/* The call that stands has an event that the owner deleted. */
#define IS_UNDONE(b) (held[b] && undone[at[b]])
#define IS_SETTLED (busy == 0 && loose == 0 && due == 0 && !IS_UNDONE(1) && !IS_UNDONE(2))
#else
#define IS_SETTLED (busy == 0 && loose == 0 && due == 0)
#endif
#define IS_OWN(n) (verdict[n] == ACCEPTED && OWNER(n) == booking && SLOT(n))

/* Invariant 4. */
inline check_end()
{
	i = 1;
	do
	:: i <= PROSPECTS -> assert(row_at[i] == at[i]); i++
	:: else -> break
	od;
	i = 1;
	do
	:: i <= rows ->
		assert((event[i] == LIVE) ==
		       (verdict[i] == ACCEPTED && at[OWNER(i)] == i && held[OWNER(i)]));
		i++
	:: else -> break
	od;
	i = 0
}

/* The events of the booking, deleted ones aside, one bit each. */
inline list_events()
{
	i = 1;
	do
	:: i <= ROWS ->
		if
		:: i <= rows && OWNER(i) == booking && event[i] == LIVE -> listed = listed | BIT(i)
		:: else
		fi;
		i++
	:: else -> break
	od;
	i = 0
}

/* What is listed and not wanted goes, if it is older than what is wanted; an older one that is not
 * there yet is deleted before it comes, so that it never can. */
inline remove_events()
{
	i = 1;
	do
	:: i <= ROWS ->
		if
#ifdef MUTATE_DELETE_NEWER
		:: i != wanted && (listed & BIT(i)) -> event[i] = DELETED
#else
		:: i < wanted && (listed & BIT(i)) -> event[i] = DELETED
#endif
#ifndef MUTATE_TRUST_404
		:: i < wanted && !(listed & BIT(i)) && IS_OWN(i) -> event[i] = DELETED
#endif
		:: else
		fi;
		i++
	:: else -> break
	od;
	i = 0
}

proctype Courier()
{
	byte booking, wanted, listed;
	bit is_live;

end_due:
	do
	:: atomic {
		/* Step due: what is due, the ledger less what is recorded. */
		if
		:: IS_DUE(1) -> booking = 1
#if PROSPECTS > 1
		:: IS_DUE(2) -> booking = 2
#endif
#if PROSPECTS > 2
		:: IS_DUE(3) -> booking = 3
#endif
		fi;
		wanted = at[booking];
		is_live = held[booking] != 0
	   }
list:
	   /* Steps row and list. */
	   atomic {
		row_at[booking] = (row_at[booking] < wanted -> wanted : row_at[booking]);
		if
		:: d_step { list_events() }
		:: faults -> faults--; goto over
		:: crashes -> crashes--; goto over
		fi
	   }
remove:
	   /* Step remove. Each delete is of an id that nobody needs, so all may be one step. */
	   atomic {
		if
		:: d_step { remove_events() }
		:: faults -> d_step { faults--; remove_events() }; goto over
		:: crashes -> crashes--; goto over
		fi
	   }
insert:
	   /* Steps insert and record. */
	   atomic {
		if
		:: is_live && !(listed & BIT(wanted)) && event[wanted] == NO_EVENT ->
			event[wanted] = LIVE
		/* 409 */
		:: is_live && !(listed & BIT(wanted)) && event[wanted] != NO_EVENT
		:: !is_live || (listed & BIT(wanted))
		:: is_live && faults && event[wanted] == NO_EVENT ->
			faults--;
			event[wanted] = LIVE;
			goto over
		:: is_live && faults && !under_way[wanted] ->
			d_step { faults--; under_way[wanted] = 1; loose++ };
			goto over
		:: crashes -> crashes--; goto over
		fi;
		d_step { delivered[wanted] = 1; count_due() };
over:
		booking = 0;
		wanted = 0;
		is_live = 0;
		listed = 0
	   }
#ifdef DELETIONS
	:: atomic {
		clicks < CLICKS && (IS_UNDONE(1) || IS_UNDONE(2)) ->
		if
		:: IS_UNDONE(1) -> booking = 1
		:: IS_UNDONE(2) -> booking = 2
		fi;
		wanted = at[booking]
	   }
obey:
	   /* Step obey: a cancel at the event's version, from the moment on that it was seen. Without an
	    * answer it is given again, as another command. */
	   atomic {
		if
		:: clicks < CLICKS ->
			d_step {
				clicks++;
				who[clicks] = booking;
#ifdef MUTATE_OBEY_AT_PRESENT
				version[clicks] = at[booking];
#else
				version[clicks] = wanted;
#endif
				used[clicks] = 1
			};
			if
			:: d_step {
				take_effect(clicks);
				/* What the owner did to one call is not done to the next. */
				assert(verdict[rows] != ACCEPTED || version[clicks] == wanted)
			   }
			:: faults -> faults--
			:: crashes -> crashes--
			fi
		:: else
		fi;
		booking = 0;
		wanted = 0
	   }
#endif
	:: d_step { IS_SETTLED && rows -> check_end() }
	od
}
#endif

init
{
	atomic {
		do
		:: i < WORKERS -> run Worker(i); i++
		:: else -> break
		od;
		i = 0;
		run Outside();
#ifndef LEDGER_ONLY
		run Courier()
#endif
	}
}

#ifdef LIVENESS
#ifdef LEDGER_ONLY
ltl settles { <> [] (busy == 0 && loose == 0) }
#else
ltl settles { <> [] IS_SETTLED }
#endif
#endif
