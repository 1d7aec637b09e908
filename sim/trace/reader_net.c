/* SPDX-License-Identifier: MIT */
/* Sockets: pairs, listeners, and connections the outside makes. */
#include "trace/reader.h"

enum { SOCK_TYPE, SOCK_SNDBUF, SOCK_ZC, SOCK_INQ, SOCK_CONNECTED };

static const struct gb_keyword sock_keys[] = {
	{"type", SOCK_TYPE}, {"sndbuf", SOCK_SNDBUF}, {"zc", SOCK_ZC}, {"inq", SOCK_INQ}, {"connected", SOCK_CONNECTED},
};

#define N_SOCK_KEYS (sizeof(sock_keys) / sizeof(sock_keys[0]))

static bool read_type(struct gb_reader *r, struct gb_object *object, const struct gb_word *value)
{
	static const struct gb_keyword types[] = {{"stream", 0}, {"dgram", 1}};
	uint32_t number;

	object->type_given = true;
	if (!gb_read_keyword(r, "socket type", value, types, 2, &number))
		return false;
	object->dgram = number != 0;
	return true;
}

static bool read_zc(struct gb_reader *r, struct gb_object *object, const struct gb_word *value)
{
	static const struct gb_keyword kinds[] = {{"copy", GB_ZC_COPY}, {"hold", GB_ZC_HOLD}};
	uint32_t number;

	object->zc_given = true;
	if (!gb_read_keyword(r, "zero copy", value, kinds, 2, &number))
		return false;
	object->zc = (enum gb_zero_copy)number;
	return true;
}

static bool read_sock_pair(struct gb_reader *r, struct gb_object *object, uint32_t key, const struct gb_word *value)
{
	uint32_t number;

	switch (key) {
	case SOCK_TYPE:
		return read_type(r, object, value);
	case SOCK_ZC:
		return read_zc(r, object, value);
	case SOCK_SNDBUF:
		if (!gb_read_u32(r, value, 1, GB_MAX_BYTES, &number))
			return false;
		object->sndbuf = number;
		return true;
	case SOCK_INQ:
		object->inq_given = true;
		if (!gb_read_u32(r, value, 0, 1, &number))
			return false;
		object->inq = number != 0;
		return true;
	default:
		object->connected_given = true;
		if (!gb_read_u32(r, value, 0, 1, &number))
			return false;
		object->unconnected = !number;
		return true;
	}
}

/* What a datagram socket does not have. */
static bool check_sock(struct gb_reader *r, const struct gb_object *object, const uint32_t column[N_SOCK_KEYS])
{
	if (object->dgram && object->inq)
		return gb_fail(r, column[SOCK_INQ], "inq=1 on a datagram socket; expected it only on type=stream");
	if (object->dgram && object->unconnected)
		return gb_fail(r, column[SOCK_CONNECTED],
			       "connected=0 on a datagram socket; expected it only on type=stream");
	return true;
}

bool gb_read_sock(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_pairs pairs = {sock_keys, N_SOCK_KEYS, NULL, 0};
	struct gb_object *object = gb_new_object(r, GB_SOCK, verb);
	uint32_t column[N_SOCK_KEYS] = {0};
	struct gb_word value;
	enum gb_item item;
	uint32_t key;

	if (!object)
		return false;
	while ((item = gb_next_item(r, &pairs, &key, &value)) == GB_ITEM_PAIR) {
		column[key] = value.column;
		if (!read_sock_pair(r, object, key, &value))
			return false;
	}
	return item == GB_ITEM_END && check_sock(r, object, column);
}

/* `listen NAME [backlog=N]` */
bool gb_read_listen(struct gb_reader *r, const struct gb_word *verb)
{
	static const struct gb_keyword keys[] = {{"backlog", 0}};
	struct gb_pairs pairs = {keys, 1, NULL, 0};
	struct gb_object *object = gb_new_object(r, GB_LISTEN, verb);
	struct gb_word value;
	enum gb_item item;
	uint32_t key;

	if (!object)
		return false;
	object->backlog = GB_SOMAXCONN;
	while ((item = gb_next_item(r, &pairs, &key, &value)) == GB_ITEM_PAIR) {
		object->backlog_given = true;
		if (!gb_read_u32(r, &value, 0, GB_SOMAXCONN, &object->backlog))
			return false;
	}
	return item == GB_ITEM_END;
}

/* `connect END LISTENER`: the outside connects a socket. */
bool gb_read_connect(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_stmt *stmt = gb_new_stmt(r, GB_STMT_CONNECT, verb);
	struct gb_word end, listener;
	uint8_t object;

	if (!stmt || !gb_want_word(r, &end, "a socket end") || !gb_read_end(r, &end, false, &stmt->end))
		return false;
	if (r->trace->objects[stmt->end.object].kind != GB_SOCK)
		return gb_fail(r, end.column, "%s is a pipe end; expected a socket end", GB_QUOTE(&end));
	if (!gb_want_word(r, &listener, "a listening socket") || !gb_read_listener(r, &listener, &object))
		return false;
	stmt->n = object;
	return true;
}
