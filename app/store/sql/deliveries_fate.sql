-- What became of a booking's mails, and of that of one version.
SELECT
	countIf(state = 'done'),
	countIf(state = 'done' AND version = {version:UInt64} AND duty IN ('mail', 'begun')),
	argMaxIf(state, at, version = {version:UInt64} AND duty IN ('mail', 'begun'))
FROM deliveries
WHERE booking_id = {booking:UUID}
AND (duty IN ('mail', 'begun', 'nudge', 'spooled') OR duty LIKE 'reminder_%')
FORMAT TabSeparated
