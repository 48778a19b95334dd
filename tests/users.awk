# SPDX-License-Identifier: MIT
# users.awk: users.sql → users.xml, which is the only way in which the stand's ClickHouse takes users
#
# GRANT … TO NAME; becomes a grant of the role or user NAME. The user default stays as it is.
function grants(name, n, list, i) {
	n = split(all[name], list, "\n")
	printf "<grants>"
	for (i = 1; i < n; i++)
		printf "<query>%s</query>", list[i]
	printf "</grants>"
}
/^CREATE ROLE / { roles[$NF] = 1 }
/^CREATE USER / {
	name = $6
	match($0, /IDENTIFIED BY '[^']*'/)
	users[name] = substr($0, RSTART + 15, RLENGTH - 16)
}
/^GRANT / {
	match($0, / TO [a-z_]+$/)
	name = substr($0, RSTART + 4)
	all[name] = all[name] substr($0, 1, RSTART - 1) "\n"
}
END {
	print "<clickhouse><profiles><default/></profiles><quotas><default/></quotas><roles>"
	for (name in roles) {
		printf "<%s>", name
		grants(name)
		printf "</%s>\n", name
	}
	print "</roles><users><default><password/><networks><ip>::/0</ip></networks><profile>default</profile>"
	print "<quota>default</quota><access_management>1</access_management></default>"
	for (name in users) {
		printf "<%s><password>%s</password><networks><ip>::/0</ip></networks><profile>default</profile>", name, users[name]
		printf "<quota>default</quota>"
		grants(name)
		printf "</%s>\n", name
	}
	print "</users></clickhouse>"
}
