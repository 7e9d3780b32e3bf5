import { addServiceOptions, askServices, type ServiceOptions, tellUnserved } from "../ask-services.ts";
import type { AddCommand, CommandContext } from "../command-context.ts";
import type { FoundService } from "../discovery.ts";
import { durationText } from "../duration.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { type Column, tableLines } from "../table.ts";

const columns: readonly Column[] = [
  { title: "SERVICE" },
  { title: "INSTANCE" },
  { title: "UP", align: "right" },
  { title: "REQUEST" },
  { title: "COUNT", align: "right" },
  { title: "ERRORS", align: "right" },
  { title: "AVERAGE", align: "right" },
  { title: "LAST ERROR" },
];

/** `stats`: what services have done. */
export const addStatsCommand: AddCommand = (program, run) => {
  const command = addServiceOptions(program.command("stats"))
    .summary("show what services have done")
    .description(
      "Shows how many requests each instance took since it was started, how many failed, and how long they took.",
    );
  command.action(async (file: string | undefined, options: ServiceOptions) => {
    await run((context) => show(file, options, context));
  });
};

async function show(file: string | undefined, options: ServiceOptions, context: CommandContext): Promise<ExitCode> {
  const { terminal } = context;
  const found = await askServices("STATS", file, options, context);
  const { services, unserved } = found;
  if (terminal.json) await terminal.printJson({ services, unserved });
  else if (services.length === 0) await terminal.note("No service answered");
  else {
    const now = Date.now();
    const rows = services.flatMap((service) => rowsOf(service, now));
    await terminal.print(tableLines(terminal, columns, rows).join("\n"));
  }
  await tellUnserved(found, context);
  return unserved.length === 0 ? exitCodes.done : exitCodes.failed;
}

function rowsOf({ name, id, started, endpoints }: FoundService, now: number): string[][] {
  const up = started === undefined ? "" : durationText(Math.max(now - Date.parse(started), 0));
  return endpoints.map((endpoint) => [
    name,
    id,
    up,
    endpoint.name,
    String(endpoint.requests ?? ""),
    String(endpoint.errors ?? ""),
    endpoint.averageMs === undefined ? "" : durationText(endpoint.averageMs),
    endpoint.lastError ?? "",
  ]);
}
