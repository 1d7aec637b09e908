/* SPDX-License-Identifier: MIT */
/* Threads that expand a batch together. Which of them takes a chunk makes no difference to what comes of it. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "search.h"

struct ck_member {
	struct ck_team *team;
	struct ck_worker *worker;
	pthread_t thread;
};

struct ck_team {
	struct gb_check *check;
	pthread_mutex_t lock;
	pthread_cond_t begin, end;
	struct ck_member *member;
	uint32_t n; /* beside the thread that calls */
	uint64_t batch;
	uint32_t busy;
	atomic_uint next;
	bool over;
};

static void take_chunks(struct ck_team *team, struct ck_worker *worker)
{
	const uint32_t chunks = (team->check->n_items + CK_CHUNK - 1) / CK_CHUNK;

	for (;;) {
		const uint32_t i = atomic_fetch_add(&team->next, 1);

		if (i >= chunks)
			return;
		ck_expand(worker, i);
	}
}

static void *run(void *user)
{
	struct ck_member *m = user;
	struct ck_team *team = m->team;
	uint64_t batch = 0;

	pthread_mutex_lock(&team->lock);
	for (;;) {
		while (!team->over && team->batch == batch)
			pthread_cond_wait(&team->begin, &team->lock);
		if (team->over)
			break;
		batch = team->batch;
		pthread_mutex_unlock(&team->lock);
		take_chunks(team, m->worker);
		pthread_mutex_lock(&team->lock);
		if (!--team->busy)
			pthread_cond_signal(&team->end);
	}
	pthread_mutex_unlock(&team->lock);
	return NULL;
}

bool ck_team_start(struct gb_check *check)
{
	struct ck_team *team = calloc(1, sizeof(*team));

	check->team = team;
	if (!team)
		return false;
	team->check = check;
	pthread_mutex_init(&team->lock, NULL);
	pthread_cond_init(&team->begin, NULL);
	pthread_cond_init(&team->end, NULL);
	team->member = calloc(check->jobs, sizeof(*team->member));
	if (!team->member)
		return false;
	/* a thread that cannot be had is done without */
	for (uint32_t i = 0; i + 1 < check->jobs; i++) {
		struct ck_member *m = &team->member[team->n];

		*m = (struct ck_member){.team = team, .worker = &check->worker[i + 1]};
		if (pthread_create(&m->thread, NULL, run, m) == 0)
			team->n++;
	}
	return true;
}

void ck_team_stop(struct gb_check *check)
{
	struct ck_team *team = check->team;

	if (!team)
		return;
	pthread_mutex_lock(&team->lock);
	team->over = true;
	pthread_cond_broadcast(&team->begin);
	pthread_mutex_unlock(&team->lock);
	for (uint32_t i = 0; i < team->n; i++)
		pthread_join(team->member[i].thread, NULL);
	pthread_cond_destroy(&team->begin);
	pthread_cond_destroy(&team->end);
	pthread_mutex_destroy(&team->lock);
	free(team->member);
	free(team);
	check->team = NULL;
}

void ck_team_expand(struct gb_check *check)
{
	struct ck_team *team = check->team;

	atomic_store(&team->next, 0);
	if (!team->n || check->n_items <= CK_CHUNK) {
		take_chunks(team, &check->worker[0]);
		return;
	}
	pthread_mutex_lock(&team->lock);
	team->batch++;
	team->busy = team->n;
	pthread_cond_broadcast(&team->begin);
	pthread_mutex_unlock(&team->lock);
	take_chunks(team, &check->worker[0]);
	pthread_mutex_lock(&team->lock);
	while (team->busy)
		pthread_cond_wait(&team->end, &team->lock);
	pthread_mutex_unlock(&team->lock);
}
