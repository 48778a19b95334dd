# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
# owner.sh: options of the stand for an owner who has said all that the pages can show

# own_templates FOLDER: the templates, with the words of tests/fixtures/site.
own_templates() {
	local words key text file
	cp -r "$srcdir/templates" "$1"
	for words in "$srcdir"/tests/fixtures/site/words/*.ini; do
		file=$1/$(basename "$words" .ini)/messages.ini
		[ -e "$file" ] || continue
		while IFS='=' read -r key text; do
			sed -i "s|^${key% } =\$|${key% } =$text|" "$file"
		done < <(grep '^[a-z]* =' "$words")
	done
}
owner_folder=$work/owner
mkdir "$owner_folder"
own_templates "$owner_folder/templates"
owner=(--set 'site.person=Mary Somerville' --set "site.photo=$srcdir/tests/fixtures/site/photo.svg"
	--set "site.templates=$owner_folder/templates" --set site.video_url=https://meet.example.com/avo
	--set site.after_url=https://www.example.com/thanks)
