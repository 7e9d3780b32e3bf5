/** Numbers that look random and are the same for the same seed, so that a failing case can be run again. */
export interface SeededRandom {
  /** A whole number from 0 up to, and without, the limit. */
  below(limit: number): number;
  /** A number from 0 up to, and without, 1. */
  fraction(): number;
  /** One of these; there is at least one. */
  pick<Value>(values: readonly Value[]): Value;
}

/** Mulberry32: 32 bits of state are plenty for test cases, and for nothing secret. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    fraction,
    below: (limit) => Math.floor(fraction() * limit),
    pick: (values) => values[Math.floor(fraction() * values.length)]!,
  };
}
