/** How much of an experiment is run: what `npm test` has time for, or all of it. */
export type Size = "small" | "large";

/** What a figure has to keep to. */
export interface Limit {
  readonly atMost?: number;
  readonly atLeast?: number;
  /** Only the large size is held to it: a time, on a machine that others use too, says nothing over a few samples. */
  readonly largeOnly?: boolean;
}

/** One number that an experiment gives. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** @default a count */
  readonly unit?: "%" | "ms" | "MiB" | "B" | "KiB";
  /** @default the figure is told and promises nothing */
  readonly limit?: Limit;
}

/** Nothing of it may happen. */
export const none: Limit = { atMost: 0 };

/** The figures that do not keep to their limits. */
export function misses(figures: readonly Figure[], size: Size): readonly Figure[] {
  return figures.filter(({ value, limit }) => {
    if (limit === undefined || limit.largeOnly === true && size === "small") return false;
    // A figure that could not be taken is a miss.
    return !(value <= (limit.atMost ?? Infinity) && value >= (limit.atLeast ?? -Infinity));
  });
}

/** A figure for people: `succeeded 99.95 % (at least 99.9)`. */
export function showFigure(figure: Figure): string {
  const target = showLimit(figure);
  return `${figure.name} ${showValue(figure)}${target === "" ? "" : ` (${target})`}`;
}

/** Its value with its unit. */
export function showValue({ value, unit }: Figure): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : "never";
  const digits = Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
  const shown = unit === "%" && !Number.isInteger(value) ? value.toFixed(2) : value.toFixed(digits);
  const grouped = shown.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ",");
  return unit === undefined ? grouped : `${grouped} ${unit}`;
}

/** What it has to keep to; empty where it promises nothing. */
export function showLimit({ limit, unit }: Figure): string {
  if (limit === undefined) return "";
  const { atMost, atLeast } = limit;
  if (atMost === 0 && atLeast === undefined) return "0";
  const show = (value: number): string => showValue({ name: "", value, ...(unit === undefined ? {} : { unit }) });
  if (atMost !== undefined && atMost === atLeast) return show(atMost);
  return [atMost === undefined ? "" : `≤ ${show(atMost)}`, atLeast === undefined ? "" : `≥ ${show(atLeast)}`]
    .filter((part) => part !== "").join(", ");
}

/** Figures as text; JSON has no number for "never". */
export function figuresToJson(figures: readonly Figure[]): object[] {
  return figures.map((figure) => ({
    ...figure,
    value: Number.isFinite(figure.value) ? figure.value : String(figure.value),
  }));
}

/** And back. */
export function figuresFromJson(figures: readonly object[]): Figure[] {
  return (figures as Figure[]).map((figure) => ({ ...figure, value: Number(figure.value) }));
}
