/** The middle of some values, and how far they lie apart. */
export interface Summary {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** The value in the middle; of an even number of values, between the two there. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Median, lowest and highest. */
export function summarize(values: readonly number[]): Summary {
  return {
    median: median(values),
    low: Math.min(...values),
    high: Math.max(...values),
  };
}

/** Ours to theirs, round by round: what disturbs a round disturbs both. */
export function ratios(
  ours: readonly number[],
  theirs: readonly number[],
): Summary {
  return summarize(ours.map((value, round) => value / theirs[round]!));
}

/** The slope of the line that lies nearest to the points, by least squares. */
export function slope(
  points: readonly (readonly [x: number, y: number])[],
): number {
  const middleX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const middleY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const spread = points.reduce((sum, [x]) => sum + (x - middleX) ** 2, 0);
  return points.reduce(
    (sum, [x, y]) => sum + (x - middleX) * (y - middleY),
    0,
  ) / spread;
}
