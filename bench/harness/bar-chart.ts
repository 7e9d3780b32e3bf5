import { formatRatio, formatValue } from "./table.ts";
import type { Workload, WorkloadRow } from "./workload.ts";

const width = 760;
const labelWidth = 210;
const barWidth = 330;
const rowHeight = 24;
const panelHead = 44;
const margin = 16;

// An image in a README sees the reader's system setting and nothing of the page around it.
const style = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 14px; }
  .note { font-size: 12px; fill: #59636e; }
  .bar { fill: #9aa5b1; }
  .first { fill: #0969da; }
  .spread { stroke: #1f2328; stroke-width: 1; opacity: 0.6; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .note { fill: #9198a1; }
    .bar { fill: #656c76; }
    .first { fill: #4493f8; }
    .spread { stroke: #f0f6fc; }
  }`;

/** Workloads one under the other, a bar for each contender, as an SVG that is read on a light page and on a dark one. */
export function barChart(
  title: string,
  note: string,
  workloads: readonly Workload[],
): string {
  const parts: string[] = [];
  let top = margin;
  for (const workload of workloads) {
    parts.push(panel(workload, top));
    top += panelHead + workload.rows.length * rowHeight + margin;
  }
  parts.push(
    `<text class="note" x="${margin}" y="${top + 4}">${
      escapeText(note)
    }</text>`,
  );
  const height = top + margin + 4;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${
    escapeText(title)
  }">
<style>${style}
</style>
${parts.join("\n")}
</svg>
`;
}

function panel({ title, unit, rows }: Workload, top: number): string {
  const better = unit === "requests/s" || unit === "events/s"
    ? "more is better"
    : "less is better";
  const scale = barWidth / Math.max(...rows.map(({ high }) => high));
  const head = `<text class="title" x="${margin}" y="${top + 16}">${
    escapeText(title)
  }</text>
<text class="note" x="${margin}" y="${
    top + 33
  }">${unit}, ${better}; in brackets: ${
    escapeText(rows[0]!.contender)
  } ÷ this</text>`;
  const bars = rows.map((row, index) =>
    bar(
      row,
      formatValue(row.median, unit),
      top + panelHead + index * rowHeight,
      scale,
    )
  );
  return [head, ...bars].join("\n");
}

function bar(
  row: WorkloadRow,
  value: string,
  top: number,
  scale: number,
): string {
  const left = margin + labelWidth;
  const middle = top + rowHeight / 2;
  const end = (size: number): string => (left + size * scale).toFixed(1);
  const text = row.ratio === undefined
    ? value
    : `${value}  (${formatRatio(row.ratio.median)})`;
  return `<text x="${left - 8}" y="${middle + 4}" text-anchor="end">${
    escapeText(row.contender)
  }</text>
<rect class="${row.ratio === undefined ? "bar first" : "bar"}" x="${left}" y="${
    top + 4
  }" width="${(row.median * scale).toFixed(1)}" height="${
    rowHeight - 8
  }" rx="2"/>
<line class="spread" x1="${end(row.low)}" x2="${
    end(row.high)
  }" y1="${middle}" y2="${middle}"/>
<text x="${left + barWidth + 10}" y="${middle + 4}">${text}</text>`;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(
    '"',
    "&quot;",
  );
}
