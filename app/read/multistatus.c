/* SPDX-License-Identifier: MIT */
/* multistatus.c: what a WebDAV server says of several resources at once (RFC 4918, section 13) */
#include "read/multistatus.h"
#include "base/num.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <limits.h>
#include <string.h>

#define WHERE "caldav"
#define DAV "DAV:"
#define CALDAV "urn:ietf:params:xml:ns:caldav"

struct reading {
	struct arena *arena;
	struct dav_resource **end;
	struct fail *fail;
};

static bool is_named(const xmlNode *node, const char *space, const char *name)
{
	return node->type == XML_ELEMENT_NODE && node->ns && node->ns->href &&
	       strcmp((const char *)node->ns->href, space) == 0 &&
	       strcmp((const char *)node->name, name) == 0;
}

static xmlNode *child_of(const xmlNode *node, const char *space, const char *name)
{
	xmlNode *child = node->children;

	while (child && !is_named(child, space, name))
		child = child->next;
	return child;
}

/* The text of a child, in the arena; NULL: there is none. */
static char *text_of(
    struct reading *reading, const xmlNode *node, const char *space, const char *name)
{
	xmlNode *child = child_of(node, space, name);
	xmlChar *text = child ? xmlNodeGetContent(child) : NULL;
	char *copy = text ? arena_str(reading->arena, (const char *)text) : NULL;

	xmlFree(text);
	return copy;
}

/* "HTTP/1.1 200 OK" → 200; 0: it is none. */
static int status_of(const char *line)
{
	const char *space = line ? strchr(line, ' ') : NULL;
	char digits[4] = "";
	int64_t status = 0;

	if (space)
		memcpy(digits, space + 1, strnlen(space + 1, 3));
	return num_i64(digits, 100, 599, &status) ? (int)status : 0;
}

static bool is_well(int status)
{
	return status >= 200 && status < 300;
}

/* Whether one of the rights is to put something into it. */
static bool may_write(const xmlNode *rights)
{
	static const char *const names[] = {"all", "write", "bind", "write-content"};

	for (const xmlNode *right = rights->children; right; right = right->next)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (is_named(right, DAV, "privilege") && child_of(right, DAV, names[i]))
				return true;
	return false;
}

static void read_properties(
    struct reading *reading, const xmlNode *properties, struct dav_resource *out)
{
	const xmlNode *type = child_of(properties, DAV, "resourcetype");
	const xmlNode *rights = child_of(properties, DAV, "current-user-privilege-set");
	const char *etag = text_of(reading, properties, DAV, "getetag");
	char *data = text_of(reading, properties, CALDAV, "calendar-data");

	if (data)
		out->data = data;
	if (etag)
		out->etag = etag;
	out->is_calendar = out->is_calendar || (type && child_of(type, CALDAV, "calendar"));
	out->is_read_only = out->is_read_only || (rights && !may_write(rights));
}

static enum err withheld(const struct reading *reading, const char *line)
{
	return fail_set(reading->fail, ERR_GARBLED, WHERE,
	    "the calendar's server withholds a part of its answer (%.60s)", line ? line : "");
}

/* A resource that has not what was asked for says so for each property. Of one that is gone its
 * state is what it has not; a state that cannot be told now says nothing. */
static enum err read_part(
    struct reading *reading, const xmlNode *part, struct dav_resource *out, bool *is_gone)
{
	const xmlNode *properties = child_of(part, DAV, "prop");
	const char *line = text_of(reading, part, DAV, "status");
	bool is_state = properties && child_of(properties, DAV, "getetag");

	if (!properties)
		return ERR_NONE;
	if (is_well(status_of(line)))
		read_properties(reading, properties, out);
	else if (is_state && status_of(line) != 404)
		return withheld(reading, line);
	else
		*is_gone = *is_gone || is_state;
	return ERR_NONE;
}

static enum err read_resource(struct reading *reading, const xmlNode *response)
{
	struct dav_resource *resource = arena_alloc(reading->arena, sizeof(*resource));
	const char *line = text_of(reading, response, DAV, "status");
	const char *href = text_of(reading, response, DAV, "href");
	bool is_gone = false;
	enum err err;

	if (line && status_of(line) == 404)
		return ERR_NONE;
	if (line && !is_well(status_of(line)))
		return withheld(reading, line);
	if (!resource || !href)
		return fail_set(reading->fail, ERR_GARBLED, WHERE,
		    "a resource without an address, or too many of them");
	*resource = (struct dav_resource){.href = href};
	for (const xmlNode *part = response->children; part; part = part->next)
		if (is_named(part, DAV, "propstat") &&
		    (err = read_part(reading, part, resource, &is_gone)))
			return err;
	if (is_gone && !resource->data)
		return ERR_NONE;
	*reading->end = resource;
	reading->end = &resource->next;
	return ERR_NONE;
}

static enum err read_all(struct reading *reading, const xmlNode *root)
{
	enum err err = ERR_NONE;

	if (!root || !is_named(root, DAV, "multistatus"))
		return fail_set(reading->fail, ERR_GARBLED, WHERE,
		    "the calendar's server answered something else than a multistatus");
	for (const xmlNode *node = root->children; node && !err; node = node->next)
		if (is_named(node, DAV, "response"))
			err = read_resource(reading, node);
	if (!err && arena_overflowed(reading->arena))
		err = fail_set(reading->fail, ERR_GARBLED, WHERE,
		    "the answer of the calendar's server does not fit in memory");
	return err;
}

/* A document type brings entities, and no WebDAV server has a use for one. */
static void refuse_type(void *context, const xmlChar *name, const xmlChar *id, const xmlChar *file)
{
	(void)name;
	(void)id;
	(void)file;
	((xmlParserCtxt *)context)->wellFormed = 0;
	xmlStopParser(context);
}

/* NULL: it is not well formed, or has a document type. */
static xmlDoc *parse(const char *text, size_t len)
{
	const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
			    XML_PARSE_NOCDATA | XML_PARSE_COMPACT;
	bool is_text = len && len < INT_MAX && !memchr(text, '\0', len);
	xmlParserCtxt *parser = is_text ? xmlNewParserCtxt() : NULL;
	xmlDoc *document;

	if (!parser)
		return NULL;
	parser->sax->internalSubset = refuse_type;
	document = xmlCtxtReadMemory(parser, text, (int)len, NULL, "UTF-8", options);
	xmlFreeParserCtxt(parser);
	return document;
}

enum err multistatus_read(
    struct arena *arena, const char *text, size_t len, struct dav_resource **out, struct fail *fail)
{
	struct dav_resource *first = NULL;
	struct reading reading = {arena, &first, fail};
	xmlDoc *document = parse(text, len);
	enum err err;

	if (!document)
		return fail_set(fail, ERR_GARBLED, WHERE,
		    "the answer of the calendar's server is no XML, or has a document type");
	err = read_all(&reading, xmlDocGetRootElement(document));
	xmlFreeDoc(document);
	if (!err)
		*out = first;
	return err;
}

/* What is known of one, its address, its state and its data, each with its NUL. */
size_t multistatus_bytes(const struct dav_resource *list)
{
	size_t len = 0;

	for (; list; list = list->next)
		len += 4 + strlen(list->href) + 1 + (list->etag ? strlen(list->etag) : 0) + 1 +
		       (list->data ? strlen(list->data) : 0) + 1;
	return len;
}

void multistatus_write(const struct dav_resource *list, struct text *out)
{
	for (; list; list = list->next) {
		const char *data = list->data ? list->data : "",
			   *etag = list->etag ? list->etag : "";
		const char known[4] = {list->data ? '1' : '0', list->etag ? '1' : '0',
		    list->is_calendar ? '1' : '0', list->is_read_only ? '1' : '0'};

		text_raw(out, known, sizeof(known));
		text_raw(out, list->href, strlen(list->href) + 1);
		text_raw(out, etag, strlen(etag) + 1);
		text_raw(out, data, strlen(data) + 1);
	}
}
