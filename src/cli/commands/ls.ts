import { addServiceOptions, askServices, type ServiceOptions, tellUnserved } from "../ask-services.ts";
import type { AddCommand, CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { tableLines } from "../table.ts";

/** `ls`: who serves what. */
export const addLsCommand: AddCommand = (program, run) => {
  const command = addServiceOptions(program.command("ls"))
    .summary("list the services that are running")
    .description(
      "Lists the services behind a broker, of this library or any other that answers NATS discovery ($SRV).",
    );
  command.action(async (file: string | undefined, options: ServiceOptions) => {
    await run((context) => list(file, options, context));
  });
};

async function list(file: string | undefined, options: ServiceOptions, context: CommandContext): Promise<ExitCode> {
  const { terminal } = context;
  const found = await askServices("INFO", file, options, context);
  const { services, unserved } = found;
  if (terminal.json) await terminal.printJson({ services, unserved });
  else if (services.length === 0) await terminal.note("No service answered");
  else {
    const rows = services.map(({ name, version, id, endpoints }) => [
      name,
      version,
      id,
      [...new Set(endpoints.map(({ queueGroup }) => queueGroup))].join(", "),
      endpoints.map((endpoint) => endpoint.name).join(", "),
    ]);
    const titles = ["SERVICE", "VERSION", "INSTANCE", "QUEUE GROUP", "REQUESTS"];
    await terminal.print(tableLines(terminal, titles.map((title) => ({ title })), rows).join("\n"));
  }
  await tellUnserved(found, context);
  return unserved.length === 0 ? exitCodes.done : exitCodes.failed;
}
