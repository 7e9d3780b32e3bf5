/** The command line was called in a way that cannot work: its text is for the one who typed. */
export class UsageError extends Error {
  /** Always `"UsageError"`. */
  override readonly name: "UsageError" = "UsageError" as const;
  /** What to do instead, in a sentence. */
  readonly hint: string | undefined;

  /** What is wrong, and what to do about it. */
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Runs what throws a `TypeError` for values that cannot work: here they were typed. @throws {UsageError} */
export function checkedUsage<Value>(make: () => Value): Value {
  try {
    return make();
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}
