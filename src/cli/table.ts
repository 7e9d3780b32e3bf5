import { plainText, type Terminal } from "./terminal.ts";

/** One column of a table. */
export interface Column {
  /** What stands over it. */
  readonly title: string;
  /** Numbers stand to the right. @default "left" */
  readonly align?: "left" | "right";
}

/** Lines of a table; the last column is cut where a terminal's line ends. */
export function tableLines(
  terminal: Terminal,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string[] {
  const cells = rows.map((row) => row.map(plainText));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((row) => row[index]?.length ?? 0))
  );
  const line = (row: readonly string[]): string => {
    const padded = row.map((cell, index) => {
      const width = widths[index]!;
      if (columns[index]!.align === "right") return cell.padStart(width);
      return index === row.length - 1 ? cell : cell.padEnd(width);
    }).join("  ").trimEnd();
    const { columns: limit } = terminal;
    return limit !== undefined && padded.length > limit ? `${padded.slice(0, Math.max(limit - 1, 0))}…` : padded;
  };
  return [terminal.paint("strong", line(columns.map(({ title }) => title))), ...cells.map(line)];
}
