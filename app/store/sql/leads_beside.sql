-- Bookings of the same person, by the address that mails go to and by those that mails went to.
SELECT DISTINCT booking_id
FROM (
	SELECT booking_id
	FROM consulting_bookings
	WHERE person = {person:UInt64}
	AND email != ''
	UNION ALL
	SELECT booking_id
	FROM deliveries
	WHERE payload != ''
	AND sipHash64(lower(JSONExtractString(payload, 'to', 1))) = {hash:UInt64})
ORDER BY booking_id
FORMAT TabSeparated
