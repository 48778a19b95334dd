-- The newest block of each table beyond what was read, by the names of its parts.
SELECT
	(
		SELECT max(toUInt64OrZero(splitByChar('_', _part)[3]))
		FROM ledger
		WHERE toUInt64OrZero(splitByChar('_', _part)[3]) > {ledger:UInt64}),
	(
		SELECT max(toUInt64OrZero(splitByChar('_', _part)[3]))
		FROM deliveries
		WHERE toUInt64OrZero(splitByChar('_', _part)[3]) > {deliveries:UInt64}),
	(
		SELECT max(toUInt64OrZero(splitByChar('_', _part)[3]))
		FROM consulting_bookings
		WHERE toUInt64OrZero(splitByChar('_', _part)[3]) > {leads:UInt64}),
	toUnixTimestamp64Milli(now64(3))
FORMAT TabSeparated
