import type { Surroundings } from "./surroundings.ts";
import { UsageError } from "./usage-error.ts";

/**
 * The value of an argument that is JSON, or `-` for what standard input has. What is wrong with it is told without the text,
 * which may hold a secret.
 *
 * @throws {UsageError} for text that is no JSON, and for an input that does not end in time
 */
export async function readJsonArgument(
  text: string | undefined,
  { input, interrupted }: Surroundings,
  timeoutMs: number,
): Promise<unknown> {
  if (text === undefined) return undefined;
  if (text !== "-") return parse(text, "The input");
  // A person types as long as it takes.
  const limit = input.isTerminal ? interrupted : AbortSignal.any([interrupted, AbortSignal.timeout(timeoutMs)]);
  let bytes: Uint8Array;
  try {
    bytes = await input.read(limit);
  } catch (error) {
    if (interrupted.aborted || !limit.aborted) throw error;
    throw new UsageError(`Standard input did not end within ${timeoutMs} ms`, "Wait longer with --timeout");
  }
  let decoded: string;
  try {
    decoded = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError("Standard input is no JSON: it is not UTF-8");
  }
  return parse(decoded, "Standard input");
}

function parse(text: string, what: string): unknown {
  if (text.trim() === "") throw new UsageError(`${what} is no JSON: it is empty`);
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /\bposition (\d+)/.exec((error as Error).message)?.[1];
    throw new UsageError(
      `${what} is no JSON${position === undefined ? "" : `: it is wrong at character ${Number(position) + 1}`}`,
      `Quote it for the shell: '{"sku":"A1"}'`,
    );
  }
}
