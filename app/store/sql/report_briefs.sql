-- The briefs of this time and how they stand; one that repeats another of the same day does not
-- count, and one whose person booked by another has a call. The ids come first, so that of all other
-- rows nothing else is read; most of the table are words, and they are read of those briefs alone
-- whose person sent several.
WITH
recent AS (
	SELECT booking_id, person
	FROM consulting_bookings
	WHERE created_at >= {start:DateTime('UTC')} - INTERVAL 1 DAY
	AND created_at < {end:DateTime('UTC')}),
several AS (
	SELECT arrayJoin(groupUniqArray(booking_id)) AS id
	FROM recent
	GROUP BY person
	HAVING uniqExact(booking_id) > 1)
SELECT
	booking_id,
	toUnixTimestamp64Milli(created_at),
	if(status = 'awaiting_slot' AND until > created_at, 'booked', toString(status))
FROM (
	SELECT
		booking_id,
		created_at,
		status,
		email,
		until,
		lagInFrame(created_at) OVER (
			PARTITION BY person, words
			ORDER BY created_at, booking_id
			ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS before
	FROM (
		SELECT
			booking_id,
			version,
			created_at,
			status,
			held,
			email,
			person,
			maxIf(
				if(status = 'booked', slot_end, toDateTime(written_at, 'UTC')),
				status IN ('booked', 'cancelled') AND email != '')
				OVER (PARTITION BY person) AS until
		FROM consulting_bookings FINAL
		PREWHERE booking_id IN (
			SELECT booking_id
			FROM consulting_bookings
			WHERE person IN (SELECT person FROM recent))) AS newest
	LEFT ANY JOIN (
		SELECT booking_id, sipHash64(person@LEADS_CONTENT@) AS words
		FROM consulting_bookings FINAL
		PREWHERE booking_id IN (SELECT id FROM several)) AS said
	USING booking_id
	WHERE created_at >= {start:DateTime('UTC')} - INTERVAL 1 DAY
	AND created_at < {end:DateTime('UTC')}
	AND held != '@LEAD_REMINDED@'
	AND (version > 0 OR status = 'awaiting_slot')) AS briefs
WHERE created_at >= {start:DateTime('UTC')}
AND (email = '' OR before <= created_at - INTERVAL 1 DAY)
FORMAT TabSeparated
