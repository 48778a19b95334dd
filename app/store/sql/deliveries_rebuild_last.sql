-- Its last state that counts: done before given up, given up before tried.
INSERT INTO deliveries_next (booking_id, version, duty, state, attempt, owner, until, detail, at)
SELECT booking_id, version, duty, last.1, last.2, last.3, last.4, last.5, last.6
FROM (
	SELECT
		booking_id,
		version,
		duty,
		argMax(
			(state, attempt, owner, until, detail, at),
			(
				multiIf(
					duty = 'failed', 0,
					state = 'done', 2,
					state IN ('failed', 'unsure', 'skipped'), 1,
					0),
				at)) AS last
	FROM (@DELIVERIES_SINCE_DUE@)
	WHERE duty != 'lease'
	AND at >= again
	GROUP BY booking_id, version, duty)
