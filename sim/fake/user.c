/* SPDX-License-Identifier: MIT */
/* User memory: where the mems of a trace are mapped. */
#include <string.h>

#include "fake/fake.h"
#include "world/state.h"

bool gb_access_ok(uint64_t addr, uint64_t len)
{
	return addr <= GB_TASK_SIZE && len <= GB_TASK_SIZE - addr;
}

uint32_t gb_user_bytes(const struct gb_world *w, uint64_t addr, uint32_t n, unsigned char **bytes)
{
	const struct gb_trace *trace = w->trace;
	const struct gb_area *area;
	uint64_t object, at;

	*bytes = NULL;
	if (addr < GB_USER_BASE)
		return 0;
	object = (addr - GB_USER_BASE) / GB_USER_STRIDE;
	at = (addr - GB_USER_BASE) % GB_USER_STRIDE;
	if (object >= trace->n_objects || trace->objects[object].kind != GB_MEM)
		return 0;
	area = gb_area(w, (uint32_t)object + 1U);
	if (at >= area->cap)
		return 0;
	*bytes = gb_bytes(w, area->bytes + (uint32_t)at);
	return gb_min(n, area->cap - (uint32_t)at);
}

uint64_t gb_user_addr(const struct gb_addr *addr)
{
	return addr->is_mem ? GB_USER_BASE + addr->mem * GB_USER_STRIDE + addr->value : addr->value;
}

uint64_t gb_sqe_addr(const struct gb_world *w, const struct gb_sqe *sqe)
{
	uint64_t at = GB_UVEC_BASE + (uint64_t)(sqe - w->trace->sqes) * GB_UVEC_STRIDE;

	if (!sqe->iov)
		return gb_user_addr(&sqe->addr);
	return sqe->opcode == IORING_OP_READV || sqe->opcode == IORING_OP_WRITEV ? at + GB_UVEC_ARRAY : at;
}

/* A word of the msghdr and the iovec array of an SQE. */
static bool uvec_word(const struct gb_sqe *sqe, uint64_t self, uint64_t off, uint64_t *word)
{
	uint64_t k = (off - GB_UVEC_ARRAY) / 16;

	if (off % 8)
		return false;
	if (off < GB_UVEC_ARRAY) {
		*word = off == 16 ? self + GB_UVEC_ARRAY : off == 24 ? sqe->n_iov : 0;
		return true;
	}
	if (k >= sqe->n_iov)
		return false;
	*word = off % 16 ? sqe->iov[k].len : gb_user_addr(&sqe->iov[k].addr);
	return true;
}

bool gb_user_word(const struct gb_world *w, uint64_t addr, uint64_t *word)
{
	uint64_t k = (addr - GB_UVEC_BASE) / GB_UVEC_STRIDE, off = (addr - GB_UVEC_BASE) % GB_UVEC_STRIDE;
	unsigned char *bytes;

	if (addr >= GB_UVEC_BASE && k < w->trace->n_sqes)
		return w->trace->sqes[k].iov && uvec_word(&w->trace->sqes[k], addr - off, off, word);
	if (gb_user_bytes(w, addr, 8, &bytes) < 8)
		return false;
	*word = 0;
	for (uint32_t b = 8; b-- > 0;)
		*word = *word << 8 | bytes[b];
	return true;
}

bool gb_copy_to_user(const struct gb_world *w, uint64_t addr, const unsigned char *from, uint32_t n)
{
	unsigned char *to;
	uint32_t mapped = gb_user_bytes(w, addr, n, &to);

	if (mapped)
		memcpy(to, from, mapped);
	return mapped == n;
}
