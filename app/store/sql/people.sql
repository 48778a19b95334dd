-- What one address has sent in a day and has booked, how many briefs came in an hour, and whether the
-- address or its domain is blocked.
SELECT
	countIf(is_brief AND created > now() - INTERVAL 1 DAY),
	countIf(state = 'booked' AND until > now()),
	(
		SELECT uniqExact(booking_id)
		FROM consulting_bookings
		WHERE version = 0
		AND created_at > now() - INTERVAL 1 HOUR
		AND held != '@LEAD_REMINDED@'),
	(
		SELECT count()
		FROM blocked_addresses FINAL
		WHERE hash IN ({person:UInt64}, {domain:UInt64})
		AND is_blocked)
FROM (
	SELECT
		max(created_at) AS created,
		argMax(status, version) AS state,
		argMax(slot_end, version) AS until,
		max(held) != '@LEAD_REMINDED@' AS is_brief
	FROM consulting_bookings
	WHERE person = {person:UInt64}
	AND email != ''
	AND booking_id != {booking:UUID}
	GROUP BY booking_id)
FORMAT TabSeparated
