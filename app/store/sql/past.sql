-- What one person has sent, booked and been told beside the booking at hand, and when.
WITH
	fromUnixTimestamp64Milli({created:Int64}, 'UTC') AS own_created,
	now64(3) - INTERVAL 1 DAY AS day_ago,
	(
		SELECT argMax((''@LEADS_CONTENT@), version)
		FROM consulting_bookings
		WHERE booking_id = {booking:UUID}) AS own_content,
	of_person AS (
		SELECT booking_id
		FROM consulting_bookings
		WHERE person = {person:UInt64}
		AND email != ''),
	told AS (
		SELECT
			booking_id,
			duty,
			minIf(at, state IN ('done', 'unsure')) AS sent,
			maxIf(at, duty = 'mails_wait') AS held
		FROM deliveries
		WHERE booking_id IN (SELECT booking_id FROM of_person)
		AND (
			duty IN ('mail', 'begun', 'nudge', 'spooled', 'mails_wait')
			OR startsWith(duty, 'reminder_'))
		GROUP BY booking_id, duty, version),
	alerted AS (
		SELECT booking_id
		FROM deliveries
		WHERE booking_id IN (SELECT booking_id FROM of_person)
		AND duty = 'new_lead'
		AND state IN ('trying', 'done', 'unsure'))
SELECT
	countIf(is_brief AND is_before),
	countIf(is_repeat AND (newest != '@LEAD_SUPERSEDED@' OR booking_id IN (SELECT booking_id FROM alerted))),
	countIf(is_repeat AND newest != '@LEAD_SUPERSEDED@'),
	countIf(is_brief AND content != own_content AND created > own_created),
	countIf(is_other AND (
		(state = 'booked' AND until > own_created)
		OR (state = 'cancelled' AND written > own_created))),
	(
		SELECT countIf(duty = 'nudge' AND sent > day_ago AND booking_id != {booking:UUID})
		FROM told),
	(
		SELECT countIf(held > day_ago)
		FROM told),
	(
		SELECT countIf(duty != 'mails_wait' AND sent > day_ago)
		FROM told),
	(
		SELECT toUnixTimestamp64Milli(arrayElement(
			arrayReverseSort(groupArrayIf(sent, duty != 'mails_wait' AND sent > day_ago)),
			greatest({limit:UInt64}, 1)))
		FROM told)
FROM (
	SELECT
		booking_id,
		booking_id != {booking:UUID} AS is_other,
		argMax(held, (version, written_at)) AS newest,
		is_other AND max(held) != '@LEAD_REMINDED@' AS is_brief,
		min(created_at) AS created,
		argMax(status, version) AS state,
		argMax(slot_end, version) AS until,
		argMax(written_at, version) AS written,
		argMax((''@LEADS_CONTENT@), version) AS content,
		created < own_created OR (created = own_created AND booking_id < {booking:UUID}) AS is_before,
		is_brief AND content = own_content AND is_before
			AND created > own_created - INTERVAL 1 DAY AS is_repeat
	FROM consulting_bookings
	WHERE person = {person:UInt64}
	AND email != ''
	GROUP BY booking_id)
FORMAT TabSeparated
