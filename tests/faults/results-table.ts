import type { ContenderName } from "./contender.ts";
import type { Experiment } from "./experiment.ts";
import { type Figure, misses, showLimit, showValue, type Size } from "./figures.ts";
import type { Cell, Results } from "./results.ts";
import type { JobPlace } from "./start-job.ts";

const titles: Readonly<Record<ContenderName, string>> = {
  ours: "this library",
  "nats.js": "nats.js",
  "nats.js-tuned": "nats.js, tuned",
  nestjs: "NestJS",
};
const places = ["here", "bun", "deno", "workerd"] as const;
const placeTitles: Readonly<Record<(typeof places)[number], string>> = {
  here: "Node.js",
  bun: "Bun",
  deno: "Deno",
  workerd: "workerd",
};

/** Promise, size, target and the figures of each contender; what misses its target is bold. */
export function contendersTable(experiments: readonly Experiment[], results: Results, size: Size): string {
  const contenders = Object.keys(titles) as ContenderName[];
  const rows = experiments.flatMap((experiment) => {
    const cells = contenders.map((contender) => find(results, experiment.id, size, contender, "here"));
    if (cells[0] === undefined) return [];
    const figures = cells[0].figures.filter(({ name, limit }) => limit !== undefined && !hygiene.includes(name));
    const names = figures.map(({ name }) => name);
    return [[
      experiment.id,
      experiment.promise,
      experiment.sizes[size],
      figures.map((figure) => `${figure.name}: ${showLimit(figure)}`).join("<br>"),
      ...cells.map((cell, index) => showCell(cell, names, size, experiment.contenders.includes(contenders[index]!))),
    ]];
  });
  return table(["", "promise", "size", "figure and target", ...contenders.map((name) => titles[name])], rows);
}

/** Which experiments hold in which runtime, in the small size. */
export function runtimesTable(experiments: readonly Experiment[], results: Results): string {
  const rows = experiments.flatMap((experiment) => {
    const cells = places.map((place) => find(results, experiment.id, "small", "ours", place));
    if (cells.every((cell) => cell === undefined)) return [];
    return [[experiment.id, experiment.promise, ...cells.map((cell) => showHeld(cell))]];
  });
  return table(["", "promise", ...places.map((place) => placeTitles[place])], rows);
}

function find(
  { cells }: Results,
  id: string,
  size: Size,
  contender: ContenderName,
  place: JobPlace,
): Cell | undefined {
  return cells.find((cell) =>
    cell.id === id && cell.size === size && cell.contender === contender && cell.place === place
  );
}

/** Every experiment promises these; they are told where they are broken. */
const hygiene = ["unhandled rejections", "uncaught exceptions", "lines on standard output"];

function showCell(cell: Cell | undefined, names: readonly string[], size: Size, isWanted: boolean): string {
  if (cell === undefined) return isWanted ? "not measured" : "";
  if (cell.problem !== undefined) return `failed: ${cell.problem.split("\n")[0]!.slice(0, 80)}`;
  const missed = new Set(misses(cell.figures, size));
  const show = (figure: Figure): string => missed.has(figure) ? `**${showValue(figure)}**` : showValue(figure);
  const shown = names.map((name) => {
    const figure = cell.figures.find((one) => one.name === name);
    return figure === undefined ? "–" : show(figure);
  });
  const broken = cell.figures.filter((figure) => hygiene.includes(figure.name) && missed.has(figure));
  return [...shown, ...broken.map((figure) => `${figure.name}: ${show(figure)}`)].join("<br>");
}

function showHeld(cell: Cell | undefined): string {
  if (cell === undefined) return "";
  if (cell.problem !== undefined) return "failed";
  const missed = misses(cell.figures, "small");
  return missed.length === 0 ? "holds" : missed.map((figure) => `**${figure.name} ${showValue(figure)}**`).join("<br>");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
