/** How a check ended. */
export type CheckStatus = "ok" | "warning" | "problem" | "skipped";

/** One thing that was looked at; an entry of `doctor --json`. */
export interface Check {
  /** What was looked at: one of a few words that stay the same. */
  readonly name: string;
  /** How it ended. */
  readonly status: CheckStatus;
  /** What was seen. */
  readonly text: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** A check that found nothing to do. */
export function ok(name: string, text: string): Check {
  return { name, status: "ok", text };
}

/** A check whose finding may be what is wanted. */
export function warning(name: string, text: string, hint: string): Check {
  return { name, status: "warning", text, hint };
}

/** A check whose finding has to be mended. */
export function problem(name: string, text: string, hint: string): Check {
  return { name, status: "problem", text, hint };
}

/** A check that could not be made. */
export function skipped(name: string, text: string, hint?: string): Check {
  return { name, status: "skipped", text, ...(hint === undefined ? {} : { hint }) };
}
