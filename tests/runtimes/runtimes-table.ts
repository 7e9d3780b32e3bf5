import { type TransportName, transportNames, type TransportReport } from "./runtime-report.ts";

/** A row of the table: the reports of a runtime, or why there are none. */
export interface RuntimeRow {
  readonly title: string;
  readonly reports: readonly TransportReport[];
  readonly whyNot?: string;
}

/** Runtime × transport: tests run, passed and refused as designed, with the reason of every refusal below. */
export function runtimesTable(rows: readonly RuntimeRow[]): string {
  const reasons: string[] = [];
  const lines = [["run / passed / refused as designed", ...transportNames]];
  for (const { title, reports, whyNot } of rows) {
    const cell = (transport: TransportName): string => {
      const report = reports.find((report) => report.transport === transport);
      if (report === undefined) return note(reasons, whyNot ?? "it gave no report");
      const { run, passed, refused, failed } = report;
      const failures = failed > 0 ? ` / ${failed} FAILED` : "";
      const notes = [...new Set(report.reasons)].map((reason) => note(reasons, withoutVersions(reason)));
      return [`${run} / ${passed} / ${refused}${failures}`, ...notes].join(" ");
    };
    lines.push([title, ...transportNames.map(cell)]);
  }
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const row = (line: readonly string[]): string =>
    `| ${line.map((text, at) => text.padEnd(widths[at]!)).join(" | ")} |`;
  const [head, ...body] = lines.map(row);
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [head, rule, ...body, "", ...reasons.map((reason, index) => `[${index + 1}] ${reason}`)].join("\n");
}

/** Gives the mark of a reason, the same one for the same reason. */
function note(reasons: string[], reason: string): string {
  if (!reasons.includes(reason)) reasons.push(reason);
  return `[${reasons.indexOf(reason) + 1}]`;
}

function withoutVersions(reason: string): string {
  return reason.replaceAll(/(Deno|Bun|Node\.js) [\d.]+/g, "$1");
}
