-- Briefs without a call of the same address, name or text, the newest first.
SELECT @LEADS_COLUMNS@
FROM consulting_bookings FINAL
PREWHERE booking_id IN (
	SELECT booking_id
	FROM consulting_bookings
	WHERE version = 0
	AND created_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
	AND (
		person = {person:UInt64}
		OR sipHash64(name) = {name:UInt64}
		OR sipHash64(brief) = {brief:UInt64})
	GROUP BY booking_id
	ORDER BY max(created_at) DESC
	LIMIT {most:UInt64})
WHERE status = 'awaiting_slot'
AND held NOT IN ('@LEAD_SUPERSEDED@', '@LEAD_REMINDED@')
ORDER BY created_at DESC
FORMAT TabSeparated
