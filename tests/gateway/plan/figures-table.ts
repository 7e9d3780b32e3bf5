import { type Figure, misses, showLimit, showValue, type Size } from "../../faults/figures.ts";
import type { GatewayExperiment } from "./gateway-experiment.ts";
import { processFigureNames } from "./process-figures.ts";

/** What came of an experiment. */
export interface ExperimentOutcome {
  readonly experiment: GatewayExperiment;
  readonly figures: readonly Figure[];
  /** Why there are no figures. */
  readonly problem?: string;
}

/** Every figure with its target, as a table of Markdown; what misses its target is in bold. */
export function figuresTable(outcomes: readonly ExperimentOutcome[], size: Size): string {
  const rows = outcomes.flatMap(({ experiment, figures, problem }) => rowsOf(experiment, figures, problem, size));
  return ["| experiment | size | figure | target | measured |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}

function rowsOf(
  { id, sizes }: GatewayExperiment,
  figures: readonly Figure[],
  problem: string | undefined,
  size: Size,
): readonly string[] {
  const missed = misses(figures, size);
  const cells = figures.filter(isWorthTelling).map((figure): readonly string[] => {
    const value = showValue(figure);
    return [figure.name, showLimit(figure), missed.includes(figure) ? `**${value}**` : value];
  });
  if (problem !== undefined) cells.push(["it failed", "", `**${problem.split("\n")[0]}**`]);
  return cells.map((cell, index) => row([...index === 0 ? [id, sizes[size]] : ["", ""], ...cell]));
}

/** What all experiments have, and is nothing in all of them. */
function isWorthTelling({ name, value }: Figure): boolean {
  return value !== 0 || !processFigureNames.includes(name);
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
