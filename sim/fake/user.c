/* SPDX-License-Identifier: MIT */
/* User memory: where the mems of a trace are mapped. */
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
