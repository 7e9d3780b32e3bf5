import type { Summary } from "./statistics.ts";
import type { Unit, Workload } from "./workload.ts";

/** A workload as a table in Markdown: medians, how far the rounds lie apart, and ratios of the first row to the others. */
export function workloadTable({ title, unit, rows }: Workload): string {
  const withCpu = rows.some(({ cpuUs }) => cpuUs !== undefined);
  const first = rows[0]!.contender;
  const head = [
    "contender",
    `${unit}, median`,
    "lowest to highest",
    `${first} ÷ this`,
    "lowest to highest",
  ];
  if (withCpu) head.push("CPU µs each");
  const lines = rows.map((row) => {
    const cells = [
      row.contender,
      formatValue(row.median, unit),
      formatSpread(row, (value) => formatValue(value, unit)),
    ];
    cells.push(row.ratio === undefined ? "" : formatRatio(row.ratio.median));
    cells.push(
      row.ratio === undefined ? "" : formatSpread(row.ratio, formatRatio),
    );
    if (withCpu) cells.push(row.cpuUs?.toFixed(1) ?? "");
    return cells;
  });
  const table = [
    head,
    head.map((_, index) => index === 0 ? "---" : "---:"),
    ...lines,
  ];
  return `**${title}**\n\n${
    table.map((cells) => `| ${cells.join(" | ")} |`).join("\n")
  }`;
}

/** A value with as many digits as say something. */
export function formatValue(value: number, unit: Unit): string {
  if (unit === "ms") return value.toFixed(3);
  if (unit === "bytes/request") return value.toFixed(2);
  return Math.round(value).toLocaleString("en");
}

/** A ratio. */
export function formatRatio(ratio: number): string {
  return ratio.toFixed(2);
}

function formatSpread(
  { low, high }: Summary,
  format: (value: number) => string,
): string {
  return low === high ? "" : `${format(low)} to ${format(high)}`;
}
