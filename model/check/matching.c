/* SPDX-License-Identifier: MIT */
#include "matching.h"

#include <stdlib.h>

bool ck_matching_init(struct ck_matching *m, uint32_t lines, uint32_t wrong)
{
	*m = (struct ck_matching){
		.line = calloc(lines + 1UL, sizeof(const struct gb_obs *)),
		.wrong = calloc(wrong + 1UL, sizeof(const struct gb_obs *)),
		.wrong_of = calloc(lines + 1UL, sizeof(uint32_t)),
		.line_of = calloc(wrong + 1UL, sizeof(uint32_t)),
		.from = calloc(lines + 1UL, sizeof(uint32_t)),
		.dead = calloc(lines + 1UL, sizeof(bool)),
		.queue = calloc(wrong + 1UL, sizeof(uint32_t)),
		.left = calloc(wrong + 1UL, sizeof(bool)),
	};
	return m->line && m->wrong && m->wrong_of && m->line_of && m->from && m->dead && m->queue && m->left;
}

void ck_matching_free(struct ck_matching *m)
{
	free((void *)m->line);
	free((void *)m->wrong);
	free(m->wrong_of);
	free(m->line_of);
	free(m->from);
	free(m->dead);
	free(m->queue);
	free(m->left);
}

/* Everyone on the way from `first` to this line, which is free, takes the line it has come to. */
static void shift(struct ck_matching *m, uint32_t line, uint32_t first)
{
	for (;;) {
		const uint32_t wrong = m->from[line] - 1, before = m->line_of[wrong];

		m->wrong_of[line] = wrong + 1;
		m->line_of[wrong] = line + 1;
		if (wrong == first)
			return;
		line = before - 1;
	}
}

/* Looks for a line, which others may have to change; false if there is none. Then each of `queue` may be the one. */
static bool find_line(struct ck_matching *m, uint32_t first, uint32_t *n)
{
	m->queue[0] = first;
	*n = 1;
	for (uint32_t i = 0; i < *n; i++) {
		for (uint32_t k = 0; k < m->n_lines; k++) {
			if (m->from[k] || !gb_obs_equal(m->line[k], m->wrong[m->queue[i]]))
				continue;
			m->from[k] = m->queue[i] + 1;
			if (!m->wrong_of[k]) {
				shift(m, k, first);
				return true;
			}
			m->queue[(*n)++] = m->wrong_of[k] - 1;
		}
	}
	return false;
}

void ck_matching_find(struct ck_matching *m)
{
	for (uint32_t i = 0; i < m->n_wrong; i++) {
		uint32_t n;
		const bool found = find_line(m, i, &n);

		for (uint32_t k = 0; !found && k < n; k++)
			m->left[m->queue[k]] = true;
		for (uint32_t k = 0; k < m->n_lines; k++) {
			m->dead[k] = m->dead[k] || (m->from[k] && !found);
			if (!m->dead[k])
				m->from[k] = 0;
		}
	}
}
