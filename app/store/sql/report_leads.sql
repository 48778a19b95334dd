-- The rows of calls and briefs of this time.
SELECT @LEADS_COLUMNS@
FROM consulting_bookings FINAL
WHERE (held != '@LEAD_REMINDED@' OR status != 'awaiting_slot')
AND (
	(slot_start >= {start:DateTime('UTC')} AND slot_start < {end:DateTime('UTC')})
	OR (created_at >= {start:DateTime('UTC')} AND created_at < {end:DateTime('UTC')})
	OR booking_id IN (
		SELECT booking_id
		FROM ledger
		WHERE call_start >= {start:DateTime('UTC')}
		AND call_start < {end:DateTime('UTC')}))
FORMAT TabSeparated
