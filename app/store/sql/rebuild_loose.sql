-- A command on a booking's newest row, or on one that was never written: it was refused, or its row
-- is missing. Cancels and erasures are refused only when there is nothing to do. A book is in doubt
-- when the time was ever another's, when there were caps or a limit of changes, or when there are
-- several: no other reason could have refused it.
WITH loose AS (
	SELECT *
	FROM (
		SELECT *
		FROM ledger
		WHERE kind IN ('book', 'cancel', 'erase')
		LIMIT 1 BY id) AS e
	ALL LEFT JOIN (
		SELECT booking_id, max(version) AS seen
		FROM consulting_bookings
		GROUP BY booking_id) AS r
	USING (booking_id)
	WHERE version >= seen)
SELECT
	@ENTRY_ROW_COLUMNS@,
	(max_changes > 0 AND actor = 'prospect')
	OR kind = 'book' AND (
		caps != ''
		OR count() OVER (PARTITION BY booking_id, version) > 1
		OR id IN (
			SELECT l.id
			FROM loose AS l
			ALL INNER JOIN ledger AS o ON l.host = o.host
			WHERE o.kind IN ('book', 'block', 'restore')
			AND o.booking_id != l.booking_id
			AND o.taken_start < l.taken_end
			AND o.taken_end > l.taken_start))
FROM loose
ORDER BY written_at, id
FORMAT TabSeparated
