-- How each booking stands by its row, with the buffers of the entry that it came from: the newest first.
SELECT @ENTRY_ROW_COLUMNS@, 0
FROM (
	SELECT
		toUUID('00000000-0000-0000-0000-000000000000') AS id,
		if(status = 'erased', 'erase', 'restore') AS kind,
		booking_id,
		version,
		host,
		if(status = 'booked', toUnixTimestamp(slot_start), 0) AS call_start,
		if(status = 'booked', toUnixTimestamp(slot_end), 0) AS call_end,
		taken_from AS taken_start,
		taken_until AS taken_end,
		calendar,
		'' AS caps,
		had_tags AS tags,
		had_meeting AS meeting,
		0 AS max_changes,
		'operator' AS actor,
		'' AS calendars
	FROM (
		SELECT booking_id, version, status, host, slot_start, slot_end, calendar
		FROM consulting_bookings FINAL
		WHERE version > 0) AS r
	ALL LEFT JOIN (
		SELECT
			booking_id,
			host,
			call_start AS slot_start,
			call_end AS slot_end,
			min(taken_start) AS taken_from,
			max(taken_end) AS taken_until,
			any(tags) AS had_tags,
			any(meeting) AS had_meeting
		FROM ledger
		WHERE kind IN ('book', 'restore')
		GROUP BY booking_id, host, call_start, call_end) AS e
	USING (booking_id, host, slot_start, slot_end))
ORDER BY version DESC
FORMAT TabSeparated
