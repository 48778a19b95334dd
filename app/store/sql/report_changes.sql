-- Every command on the bookings that changed in this time, and when their briefs came.
WITH changed AS (
	SELECT booking_id
	FROM ledger
	WHERE kind IN ('book', 'cancel')
	AND written_at >= {start:DateTime('UTC')}
	AND written_at < {end:DateTime('UTC')})
SELECT position, booking_id, kind, has_call, at, toUnixTimestamp64Milli(created_at)
FROM (
	SELECT
		_part_starting_offset + _part_offset AS position,
		booking_id,
		kind,
		call_start != call_end AS has_call,
		toUnixTimestamp64Milli(written_at) AS at
	FROM ledger
	WHERE booking_id IN (SELECT booking_id FROM changed)) AS entries
LEFT ANY JOIN (
	SELECT booking_id, min(created_at) AS created_at
	FROM consulting_bookings
	WHERE booking_id IN (SELECT booking_id FROM changed)
	GROUP BY booking_id) AS briefs
USING booking_id
ORDER BY booking_id, position
FORMAT TabSeparated
