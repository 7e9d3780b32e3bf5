const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const longestMs = 24 * 3_600_000;

/** Milliseconds of a text such as `500ms`, `5s`, `1.5s` or `2m`; `undefined` where it is none, or over a day. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  if (match === null) return undefined;
  const milliseconds = Math.round(Number(match[1]) * units[match[2]!]!);
  return milliseconds > 0 && milliseconds <= longestMs ? milliseconds : undefined;
}

/** Milliseconds for people: `350 ms`, `4.2 s`, `12 min`, `3 h`, `9 d`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 10) return `${Number(milliseconds.toPrecision(2))} ms`;
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
