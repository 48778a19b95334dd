-- The rows of calls and briefs of this time, and of some bookings that had one: their ids first, so that of all
-- other rows nothing but times is read.
SELECT @LEADS_COLUMNS@
FROM consulting_bookings FINAL
PREWHERE booking_id IN (
	SELECT booking_id
	FROM consulting_bookings
	WHERE (slot_start >= {start:DateTime('UTC')} AND slot_start < {end:DateTime('UTC')})
	OR (created_at >= {start:DateTime('UTC')} AND created_at < {end:DateTime('UTC')})
	UNION ALL
	SELECT booking_id
	FROM ledger
	WHERE call_start >= {start:DateTime('UTC')}
	AND call_start < {end:DateTime('UTC')})
WHERE (held != '@LEAD_REMINDED@' OR status != 'awaiting_slot')
FORMAT TabSeparated
