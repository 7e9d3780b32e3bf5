import process from "node:process";

/** What a program can be told: its answers come back as JSON. */
export type Commands = Readonly<Record<string, (argument: never) => unknown>>;

/** What a program is sent. */
export interface Order {
  readonly id: number;
  readonly command: string;
  readonly argument: unknown;
}

/** What a program sends. */
export type Word =
  | { readonly ready: true }
  | { readonly stray: string }
  | { readonly id: number; readonly result?: unknown; readonly problem?: string };

/** Makes this process do what its parent tells it, until the parent is gone. */
export function obey(commands: Commands): void {
  process.on("unhandledRejection", (reason) => say({ stray: `unhandled rejection: ${textOf(reason)}` }));
  process.on("uncaughtException", (error) => say({ stray: `uncaught exception: ${textOf(error)}` }));
  process.on("disconnect", () => process.exit());
  process.on("message", (order: Order) => void carryOut(commands, order));
  say({ ready: true });
}

async function carryOut(commands: Commands, { id, command, argument }: Order): Promise<void> {
  try {
    say({ id, result: await commands[command]!(argument as never) });
  } catch (error) {
    say({ id, problem: textOf(error) });
  }
}

function say(word: Word): void {
  // A parent that has gone hears nothing.
  process.send?.(word, undefined, {}, () => {});
}

function textOf(reason: unknown): string {
  return reason instanceof Error ? reason.stack ?? reason.message : String(reason);
}
