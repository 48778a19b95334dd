-- The constraints of the migrations, in their words: what stood before them was not judged. Of each
-- kind how many there are, and the first or any of them.
SELECT
	above.1, above.2,
	bookings.1, bookings.2,
	deliveries.1, deliveries.2,
	ledger.1, ledger.2,
	unknown.1, unknown.2
FROM (
	SELECT
		(
			SELECT (count(), argMin(booking_id, version))
			FROM consulting_bookings
			WHERE version > {version:UInt64}) AS above,
		(
			SELECT (count(), any(booking_id))
			FROM consulting_bookings
			WHERE NOT (
				version <= toUnixTimestamp(now())
				AND length(host) < 64
				AND length(held) < 32
				AND slot_start <= slot_end
				AND length(name) + length(email) + length(company) + length(brief) + length(budget)
					+ length(timeframe) + length(timezone) + length(language)
					+ length(video_link) < 131072
				AND created_at >= toDateTime64(0, 3, 'UTC')
				AND created_at < toDateTime64(4294967296, 3, 'UTC')
				AND written_at >= toDateTime64(0, 3, 'UTC')
				AND written_at < now64(3) + INTERVAL 1 DAY)) AS bookings,
		(
			SELECT (count(), any(booking_id))
			FROM deliveries
			WHERE NOT (
				length(duty) < 32
				AND length(state) < 16
				AND length(detail) + length(payload) < 524288
				AND at >= toDateTime64(0, 3, 'UTC')
				AND at < now64(3) + INTERVAL 1 MINUTE)) AS deliveries,
		(
			SELECT (count(), any(booking_id))
			FROM ledger
			WHERE NOT (
				length(host) < 64
				AND length(tags) < 100
				AND length(meeting) < 24
				AND match(caps, '^([1-9][0-9]{0,9}:[a-z0-9_-]{0,23}:[0-9]{1,10}:[0-9]{1,10}(,[1-9][0-9]{0,9}:[a-z0-9_-]{0,23}:[0-9]{1,10}:[0-9]{1,10}){0,5})?$')
				AND match(tags, '^([a-z0-9_-]{1,23}(,[a-z0-9_-]{1,23}){0,3})?$')
				AND match(meeting, '^[a-z0-9_-]*$')
				AND version <= toUnixTimestamp(now())
				AND arrayAll(
					cap -> toUInt64OrZero(splitByChar(':', cap)[1]) <= 4294967295
						AND toUInt64OrZero(splitByChar(':', cap)[3]) <= 4294967295
						AND toUInt64OrZero(splitByChar(':', cap)[4]) <= 4294967295,
					splitByChar(',', caps))
				AND NOT match(host, '[\\x00-\\x1f\\x7f]')
				AND written_at >= toDateTime64(0, 3, 'UTC')
				AND written_at < now64(3) + INTERVAL 1 DAY
				AND length(calendars) < 2048
				AND match(calendars, '^([A-Za-z0-9_-]{1,24}:[a-z]{1,10}(,[A-Za-z0-9_-]{1,24}:[a-z]{1,10})*)?$'))) AS ledger,
		(
			SELECT (count(), any(booking_id))
			FROM consulting_bookings FINAL
			WHERE status = 'booked'
			AND slot_end > now()
			AND booking_id NOT IN (
				SELECT booking_id
				FROM ledger)) AS unknown)
FORMAT TabSeparated
