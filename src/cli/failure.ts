import { type Execution, isLibraryCode } from "../errors/error-codes.ts";
import { isMessagingError, type MessagingError } from "../errors/messaging-error.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { helpPage, hints } from "./hints.ts";
import { withoutSecrets } from "./secrets.ts";
import { jsonText, plainText, type Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** An error as the command line tells it; the `error` of its JSON. */
export interface Failure {
  /** A code of the library or of the contract; `USAGE` where the command line was called wrongly. */
  readonly code: string;
  /** In words. */
  readonly message: string;
  /** The HTTP-like status. */
  readonly status?: number;
  /** The error's own data. */
  readonly data?: unknown;
  /** The request or event. */
  readonly operation?: string;
  /** Whether the work may have happened. */
  readonly execution?: Execution;
  /** Whether the same call may succeed later. */
  readonly retryable?: boolean;
  /** How long to wait before that, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Finds the failure in the service's log. */
  readonly correlationId?: string;
  /** What to do. */
  readonly hint?: string;
  /** Where more is written about it. */
  readonly help?: string;
}

/** What an error is to whoever typed the command. */
export function failureOf(error: unknown): { readonly failure: Failure; readonly exitCode: ExitCode } {
  if (isMessagingError(error)) return { failure: messagingFailure(error), exitCode: exitCodeOf(error) };
  const message = withoutSecrets(error instanceof Error ? error.message : String(error));
  if (error instanceof UsageError) {
    const hint = error.hint === undefined ? {} : { hint: withoutSecrets(error.hint) };
    return { failure: { code: "USAGE", message, ...hint }, exitCode: exitCodes.usage };
  }
  return { failure: { code: "INTERNAL", message }, exitCode: exitCodes.failed };
}

/** Prints a failure to standard error, as lines or as JSON. */
export async function printFailure(terminal: Terminal, failure: Failure): Promise<void> {
  if (terminal.json) return await terminal.printError(jsonText({ error: failure }));
  const { code, status, message, data, operation, execution, correlationId, retryAfterMs, hint, help } = failure;
  const title = code === "USAGE" ? "error" : `error ${code}${status === undefined ? "" : ` (${status})`}`;
  const lines = [`${terminal.paintError("bad", `${title}:`)} ${plainText(message)}`];
  if (data !== undefined) lines.push(`  data: ${plainText(jsonText(data))}`);
  if (operation !== undefined && execution !== undefined) {
    lines.push(`  request: ${plainText(operation)}, ${executionTexts[execution]}`);
  }
  if (correlationId !== undefined) lines.push(`  correlation id: ${plainText(correlationId)}`);
  if (retryAfterMs !== undefined) lines.push(`  try again after ${retryAfterMs} ms`);
  if (hint !== undefined) lines.push(`  hint: ${plainText(hint)}`);
  if (help !== undefined) lines.push(terminal.paintError("quiet", `  ${help}`));
  await terminal.printError(lines.join("\n"));
}

const executionTexts: Readonly<Record<Execution, string>> = {
  "not-executed": "was not executed",
  executed: "was executed",
  unknown: "may have been executed",
};

function messagingFailure(error: MessagingError): Failure {
  const { code, status, data, operation, execution, retryable, retryAfterMs, correlationId } = error;
  return {
    code,
    message: withoutSecrets(error.message),
    status,
    ...(data === undefined ? {} : { data }),
    ...(operation === undefined ? {} : { operation }),
    execution,
    retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(isLibraryCode(code) ? { hint: hints[code], help: helpPage(isConnecting(error) ? "connecting" : code) } : {}),
  };
}

/** A code that stands for more than a connection is explained there by what the connection ended with. */
function isConnecting({ code, message }: MessagingError): boolean {
  return (code === "DISCONNECTED" || code === "UNAUTHENTICATED") &&
    /^(Cannot connect to|No server could be connected to|The broker refuses the connection|Cannot get the credentials)/
      .test(message);
}

function exitCodeOf({ code }: MessagingError): ExitCode {
  return code === "DISCONNECTED" || code === "UNAUTHENTICATED" ? exitCodes.noConnection : exitCodes.failed;
}
