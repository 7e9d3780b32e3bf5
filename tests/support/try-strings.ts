import { isMessagingError } from "../../mod.ts";

/** One place of the API that takes a text. */
export interface StringSink {
  readonly name: string;
  /** Passes the text; resolves when it came back equal, rejects with what the API threw. */
  readonly pass: (text: string) => unknown;
}

/** How often a text came back equal, and how often it was refused. */
export interface TriedStrings {
  readonly passed: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
}

/** What the API may throw: its own errors, and no failure that only looks like one. */
export interface AllowedErrors {
  /** How long one try may take, in milliseconds. */
  readonly deadlineMs: number;
  /** Codes that say that something went wrong rather than that the text was refused. */
  readonly wrongCodes: readonly string[];
}

/** A text in a form that can be read and pasted. */
export function show(text: string): string {
  const shown = JSON.stringify(text);
  return shown.length > 120 ? `${shown.slice(0, 120)}… (${text.length})` : shown;
}

/** Tries every text in every sink, `canary` after every 25, and throws at the first that is neither passed nor refused. */
export async function tryStrings(
  strings: readonly string[],
  sinks: readonly StringSink[],
  canary: () => Promise<void>,
  allowed: AllowedErrors,
): Promise<TriedStrings> {
  const passed: Record<string, number> = {};
  const refused: Record<string, number> = {};
  const tryOne = async ({ name, pass }: StringSink, text: string): Promise<void> => {
    const outcome = await withinMs(allowed.deadlineMs, async () => await pass(text));
    if (outcome === undefined) {
      passed[name] = (passed[name] ?? 0) + 1;
      return;
    }
    if (!isRefusal(outcome.error, allowed.wrongCodes)) {
      throw new Error(`${name} with ${show(text)} failed: ${String(outcome.error)}`, { cause: outcome.error });
    }
    refused[name] = (refused[name] ?? 0) + 1;
  };
  for (const [index, text] of strings.entries()) {
    await Promise.all(sinks.map((sink) => tryOne(sink, text)));
    if (index % 25 !== 24) continue;
    await canary().catch((error: unknown) => {
      throw new Error(`The canary died within 25 strings of ${show(text)}`, { cause: error });
    });
  }
  return { passed, refused };
}

function isRefusal(error: unknown, wrongCodes: readonly string[]): boolean {
  if (isMessagingError(error)) return !wrongCodes.includes(error.code);
  // A TypeError of the language itself is a bug that nobody looked for.
  return error instanceof TypeError && !/properties of|is not a function|is not iterable|circular/.test(error.message);
}

async function withinMs(limitMs: number, run: () => Promise<unknown>): Promise<{ error: unknown } | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<{ error: unknown }>((resolve) => {
    timer = setTimeout(() => resolve({ error: new Error(`did not settle within ${limitMs} ms`) }), limitMs);
  });
  try {
    return await Promise.race([run().then(() => undefined, (error: unknown) => ({ error })), limit]);
  } finally {
    clearTimeout(timer);
  }
}
