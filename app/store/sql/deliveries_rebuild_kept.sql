-- The first text of each duty since then.
INSERT INTO deliveries_next (booking_id, version, duty, state, owner, until, payload, at)
SELECT booking_id, version, duty, 'trying', any(owner), min(at), argMin(payload, at), min(at)
FROM (@DELIVERIES_SINCE_DUE@)
WHERE payload != ''
AND at >= again
GROUP BY booking_id, version, duty
