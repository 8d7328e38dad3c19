/* SPDX-License-Identifier: GPL-2.0 */
/* The clock of hookbench.c: the host's time stamp counter. */
#ifndef HOOKBENCH_CLOCK_H
#define HOOKBENCH_CLOCK_H

static u64 cycles(void)
{
	u32 low, high;

	asm volatile("lfence; rdtsc" : "=a" (low), "=d" (high) : : "memory");
	return (u64)high << 32 | low;
}

static u64 khz;

/* The counter against the clock, over 50 ms. */
static void calibrate(void)
{
	u64 start = ktime_get_ns(), from = cycles(), took;

	do {
		took = ktime_get_ns() - start;
	} while (took < 50 * NSEC_PER_MSEC);
	khz = div64_u64((cycles() - from) * 1000000, took);
}

static u64 picoseconds(u64 cycles, u32 packets)
{
	return div64_u64(div64_u64(cycles * 1000000, khz) * 1000, packets);
}

/* Packets ----------------------------------------------------------------- */

#endif /* HOOKBENCH_CLOCK_H */
