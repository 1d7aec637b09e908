/* SPDX-License-Identifier: MIT */
/* What the hunt needs of a fuzzer besides what everybody may. */
#ifndef GB_MODEL_FUZZER_H
#define GB_MODEL_FUZZER_H

#include "runner.h"

/* How the choices of run k are made. */
struct order fuzz_order(const struct gb_fuzz *fuzz, uint64_t k);

#endif
