/* SPDX-License-Identifier: MIT */
/* What the passes of an estimate say about its error: is there one to be told, and what is certain all the same? */
#include "layers.h"

#define MOST_RATIO 3.0 /* of the largest pass to the smallest, */
#define MOST_LUCK  0.3 /* and what hangs on one state of a pass */

#define OF_MEAN 0.1 /* what the mean alone counts for, so that a pass that found none leaves a bound */

/*
 * What is right on average and never negative is more than 20 times too large with a probability of at most 1/20
 * (Markov's inequality), however long its tail. That is true of one pass over the true number; of the product of
 * all of them, since each is right on average whatever those before it have taught; of their mean; and of a mean of
 * these two. The bound is the number for which that comes to 20. By bisection: pow() is not the same everywhere.
 */
double ck_tail_least(const double *x, uint32_t n, double mean)
{
	double product = 1 - OF_MEAN, low = 0, high = 1; /* in units of the mean */

	for (uint32_t i = 0; i < n; i++)
		product *= x[i] / mean;
	for (uint32_t k = 0; k < 60; k++) {
		const double bound = (low + high) / 2;
		double power = 1, alone, all;

		for (uint32_t i = 1; i < n; i++)
			power *= bound;
		alone = power * OF_MEAN; /* apart from the sum: no machine is to fuse them */
		all = power * bound * CK_DOUBT;
		*(all > product + alone ? &high : &low) = bound;
	}
	return low * mean;
}

/*
 * Can an error be told? A long tail shows in passes that differ by more than a
 * factor, or in single states that most of a pass hangs on: then the passes that
 * would make up for the others may not have come.
 */
bool ck_tail_is_light(const double *total, const double *luck, uint32_t n)
{
	double low = total[0], high = total[0];
	bool lucky = false;

	for (uint32_t i = 0; i < n; i++) {
		low = total[i] < low ? total[i] : low;
		high = total[i] > high ? total[i] : high;
		lucky = lucky || luck[i] > MOST_LUCK;
	}
	return high <= MOST_RATIO * low && !lucky;
}
