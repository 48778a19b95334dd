# SPDX-License-Identifier: MIT
# users.awk: users.sql → users.xml, which is the only way in which the stand's ClickHouse takes users
#
# GRANT … TO NAME; becomes a grant of the role or user NAME. The user default stays as it is. Of profiles and
# quotas it knows the one form that users.sql has.
function grants(name, n, list, i) {
	n = split(all[name], list, "\n")
	printf "<grants>"
	for (i = 1; i < n; i++)
		printf "<query>%s</query>", list[i]
	printf "</grants>"
}
# "a = 1 CONST" → <a><const/></a>, for all such
function constraints(text, n, list, i, all) {
	n = split(text, list, ", ")
	for (i = 1; i <= n; i++)
		if (sub(/ = .* CONST$/, "", list[i]))
			all = all "<" list[i] "><const/></" list[i] ">"
	return "<constraints>" all "</constraints>"
}
# "a = 1, b = 2" → <a>1</a><b>2</b>
function elements(text, n, list, pair, i, all) {
	n = split(text, list, ", ")
	for (i = 1; i <= n; i++) {
		split(list[i], pair, " = ")
		all = all "<" pair[1] ">" pair[2] "</" pair[1] ">"
	}
	return all
}
/^CREATE SETTINGS PROFILE / {
	text = $0
	sub(/.* SETTINGS /, "", text)
	profile = constraints(text)
	gsub(/ CONST/, "", text)
	profiles[$7] = elements(text) profile
}
/^CREATE QUOTA / {
	text = $0
	sub(/.* MAX /, "", text)
	sub(/ TO .*/, "", text)
	quotas[$6] = elements(text)
	n = split($0, list, " TO ")
	n = split(list[2], list, ", ")
	for (i = 1; i <= n; i++)
		quota_of[list[i]] = $6
}
/^CREATE ROLE / { roles[$NF] = 1 }
/^CREATE USER / {
	name = $6
	match($0, / BY '[^']*'/)
	users[name] = substr($0, RSTART + 5, RLENGTH - 6)
	networks[name] = / HOST LOCAL / ? "<ip>127.0.0.1</ip><ip>::1</ip>" : "<ip>::/0</ip>"
	profile_of[name] = "default"
	if (match($0, / SETTINGS PROFILE [a-z_]+/))
		profile_of[name] = substr($0, RSTART + 18, RLENGTH - 18)
}
/^GRANT / {
	match($0, / TO [a-z_]+$/)
	name = substr($0, RSTART + 4)
	all[name] = all[name] substr($0, 1, RSTART - 1) "\n"
}
END {
	printf "<clickhouse><profiles><default/>"
	for (name in profiles)
		printf "<%s>%s</%s>", name, profiles[name], name
	printf "</profiles><quotas><default/>"
	for (name in quotas)
		printf "<%s><keyed/><interval><duration>60</duration>%s</interval></%s>", name, quotas[name], name
	print "</quotas><roles>"
	for (name in roles) {
		printf "<%s>", name
		grants(name)
		printf "</%s>\n", name
	}
	print "</roles><users><default><password/><networks><ip>::/0</ip></networks><profile>default</profile>"
	print "<quota>default</quota><access_management>1</access_management></default>"
	for (name in users) {
		printf "<%s><password_sha256_hex>%s</password_sha256_hex><networks>%s</networks>", name, users[name], networks[name]
		printf "<profile>%s</profile><quota>%s</quota>", profile_of[name], (name in quota_of) ? quota_of[name] : "default"
		grants(name)
		printf "</%s>\n", name
	}
	print "</users></clickhouse>"
}
