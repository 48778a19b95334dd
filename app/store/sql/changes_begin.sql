-- The newest block of each table, by the names of its parts.
SELECT
	(
		SELECT max(toUInt64OrZero(splitByChar('_', part)[3]))
		FROM (
			SELECT DISTINCT _part AS part
			FROM ledger)),
	(
		SELECT max(toUInt64OrZero(splitByChar('_', part)[3]))
		FROM (
			SELECT DISTINCT _part AS part
			FROM deliveries)),
	(
		SELECT max(toUInt64OrZero(splitByChar('_', part)[3]))
		FROM (
			SELECT DISTINCT _part AS part
			FROM consulting_bookings)),
	toUnixTimestamp64Milli(now64(3))
FORMAT TabSeparated
