-- The first text that was kept of a duty since it was last made due again.
WITH
	of_duty AS (
		SELECT *, _block_number AS number
		FROM deliveries
		WHERE booking_id = {booking:UUID}
		AND version = {version:UInt64}
		AND duty = {duty:String}),
	(
		SELECT (max(number), count())
		FROM of_duty
		WHERE state = 'due'
		AND detail = '@DELIVERY_AGAIN@') AS again
SELECT payload, toUnixTimestamp64Milli(at), again.2
FROM of_duty
WHERE payload != ''
AND number > again.1
ORDER BY number
LIMIT 1
FORMAT TabSeparated
