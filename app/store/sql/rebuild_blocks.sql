-- The blocks that stand, which have no rows.
SELECT @ENTRY_ROW_COLUMNS@, 0
FROM (
	SELECT * REPLACE (
		toUUID('00000000-0000-0000-0000-000000000000') AS id,
		'off' AS calendar,
		'' AS caps,
		'' AS tags,
		'' AS meeting,
		0 AS max_changes,
		'operator' AS actor,
		'' AS calendars)
	FROM (
		SELECT *
		FROM ledger
		WHERE kind = 'block'
		AND booking_id NOT IN (
			SELECT booking_id
			FROM ledger
			WHERE kind = 'unblock')
		ORDER BY written_at
		LIMIT 1 BY booking_id))
ORDER BY written_at
FORMAT TabSeparated
