/** Makes an `Error` with a string name, message and stack of whatever was thrown. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error(`threw a value that is no Error: ${describeValue(thrown)}`, { cause: thrown });
}

/** The text of an error with its details, stack and causes, for people. */
export function formatError(error: Error): string {
  const details = (error as { details?: unknown }).details;
  const lines = [`${error.name}: ${error.message}`];
  const code = (error as { code?: unknown }).code;
  if (code !== undefined) lines[0] += ` [${describeValue(code)}]`;
  // uvu's assertions carry their difference as a text, with colours of its own.
  if (typeof details === "string") lines.push(details);
  lines.push(...stackFrames(error));
  if (error.cause instanceof Error) lines.push(`caused by ${formatError(error.cause)}`);
  if (error instanceof AggregateError) {
    for (const part of error.errors) lines.push(`one of them ${formatError(toError(part))}`);
  }
  return lines.join("\n");
}

function stackFrames(error: Error): string[] {
  const stack = error.stack ?? "";
  // V8 puts the message first, and a message may hold the frames of another error.
  const afterMessage = stack.slice(Math.max(stack.indexOf(error.message), 0) + error.message.length);
  const frames = afterMessage.split("\n").filter((line) => /^\s*at |^\S*@/.test(line));
  return frames.filter((line) =>
    !/node:internal|node_modules\/uvu|tests\/support\/(suite|run-suites|run-file)\.ts/.test(line)
  ).map((line) => `  ${line.trim()}`);
}

function describeValue(value: unknown): string {
  try {
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
