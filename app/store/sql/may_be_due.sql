-- Of what a courier may still have something to do, the newest first: calls and briefs of the last
-- week, bookings whose row is behind the ledger, erasures, and alerts that did not leave.
SELECT booking_id
FROM (
	SELECT booking_id, toDateTime(written_at) AS since
	FROM ledger
	WHERE call_end >= now() - INTERVAL 7 DAY
	AND kind IN ('book', 'restore')
	UNION ALL
	SELECT booking_id, toDateTime(created_at)
	FROM consulting_bookings
	WHERE created_at >= now() - INTERVAL 7 DAY
	UNION ALL
	SELECT booking_id, toDateTime(0)
	FROM (
		SELECT booking_id, max(version) AS shown
		FROM consulting_bookings
		WHERE booking_id IN (
			SELECT booking_id
			FROM ledger
			WHERE written_at >= now() - INTERVAL 30 DAY
			AND kind IN ('book', 'cancel'))
		GROUP BY booking_id) AS row
	ALL INNER JOIN (
		SELECT booking_id, max(_block_number) + {offset:UInt64} AS version
		FROM ledger
		WHERE written_at >= now() - INTERVAL 30 DAY
		AND kind IN ('book', 'cancel')
		GROUP BY booking_id) AS entry
	USING booking_id
	WHERE shown < version
	UNION ALL
	SELECT booking_id, toDateTime(0)
	FROM ledger
	WHERE kind = 'erase'
	AND (
		written_at >= now() - INTERVAL 30 DAY
		OR booking_id IN (
			SELECT booking_id
			FROM deliveries
			WHERE duty IN ('event', 'event_again')
			AND state = 'retry'
			AND at >= now() - INTERVAL 7 DAY))
	UNION ALL
	SELECT booking_id, toDateTime(0)
	FROM deliveries
	WHERE duty IN (
		'outage', 'google_refused', 'outage_ended', 'resend_refused', 'meet_refused', 'clocks',
		'clients', 'damaged')
	AND at >= now() - INTERVAL 30 DAY
	GROUP BY booking_id, version, duty
	HAVING argMax(state, _block_number) IN ('due', 'trying', 'retry'))
GROUP BY booking_id
ORDER BY max(since) DESC
FORMAT TabSeparated
