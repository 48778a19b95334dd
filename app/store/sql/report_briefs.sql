-- The briefs of this time and how they stand; one that repeats another of the same day does not
-- count, and one whose person booked by another has a call.
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
		person,
		lagInFrame(created_at) OVER (
			PARTITION BY person@LEADS_CONTENT@
			ORDER BY created_at, booking_id
			ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS before
	FROM consulting_bookings FINAL
	WHERE created_at >= {start:DateTime('UTC')} - INTERVAL 1 DAY
	AND created_at < {end:DateTime('UTC')}
	AND held != '@LEAD_REMINDED@'
	AND (version > 0 OR status = 'awaiting_slot')) AS briefs
LEFT ANY JOIN (
	SELECT
		person,
		max(if(status = 'booked', slot_end, toDateTime(written_at, 'UTC'))) AS until
	FROM consulting_bookings FINAL
	WHERE status IN ('booked', 'cancelled')
	AND email != ''
	GROUP BY person) AS calls
USING person
WHERE created_at >= {start:DateTime('UTC')}
AND (email = '' OR before <= created_at - INTERVAL 1 DAY)
FORMAT TabSeparated
