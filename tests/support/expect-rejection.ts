/** What the error must look like; fields left out are not looked at. */
export interface ExpectedRejection {
  /** The exact `code` of the error. */
  readonly code?: string;
  /** A pattern that the `message` of the error matches. */
  readonly message?: RegExp;
}

/**
 * Waits for the promise to reject, checks the error and returns it.
 *
 * Throws when the promise fulfils, or when the error is another one (which is then the `cause`).
 */
export async function expectRejection(
  promise: PromiseLike<unknown>,
  expected: ExpectedRejection = {},
): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ fulfilled: true as const, value }),
    (error: unknown) => ({ fulfilled: false as const, error }),
  );
  if (outcome.fulfilled) throw new Error(`Expected a rejection, got a value: ${show(outcome.value)}`);

  const { error } = outcome;
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (expected.code !== undefined && code !== expected.code) {
    throw new Error(`Expected a rejection with code ${expected.code}, got ${show(code)}: ${show(message)}`, {
      cause: error,
    });
  }
  if (expected.message !== undefined && !expected.message.test(String(message))) {
    throw new Error(`Expected a rejection with a message like ${expected.message}, got ${show(message)}`, {
      cause: error,
    });
  }
  return error;
}

function show(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
