import { MessagingError } from "../errors/messaging-error.ts";
import type { LibraryCode } from "../errors/error-codes.ts";
import type { StandardIssue, StandardResult, StandardSchema } from "./standard-schema.ts";

/** One problem of a value, as it travels in an error's `data.issues`. */
export interface ValidationIssue {
  /** Where: the keys from the value's root, joined by dots; empty for the value itself. */
  readonly path: string;
  /** What is wrong. */
  readonly message: string;
}

/** The most issues an error carries: a value with thousands of wrong entries must not make a huge reply. */
const maximumIssues = 16;
const maximumTextLength = 256;

/** Checks values against one schema. */
export interface Validator {
  /**
   * The schema's output, or a promise of it where the schema is asynchronous.
   *
   * @throws what a check of the schema throws
   */
  validate(value: unknown): StandardResult<unknown> | Promise<StandardResult<unknown>>;
}

/** Resolves the schema's `~standard` once: Valibot makes that object anew at each read. */
export function compileValidator(schema: StandardSchema): Validator {
  return schema["~standard"];
}

/** What is wrong with a value, for people and logs. */
export function validationIssues(issues: readonly StandardIssue[]): ValidationIssue[] {
  return issues.slice(0, maximumIssues).map(toValidationIssue);
}

/** The error for a value that does not fit its schema. */
export function validationError(
  code: LibraryCode,
  operation: string,
  issues: readonly StandardIssue[],
): MessagingError<LibraryCode, { issues: ValidationIssue[] }> {
  const listed = validationIssues(issues);
  const first = listed[0];
  const where = first === undefined || first.path === "" ? "" : `"${first.path}": `;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  const subject = code === "INVALID_RESPONSE" ? "response of" : code === "INVALID_EVENT" ? "event" : "request";
  return new MessagingError(
    code,
    `Invalid ${subject} "${operation}": ${where}${first?.message ?? "no reason given"}${more}`,
    {
      operation,
      data: { issues: listed },
    },
  );
}

function toValidationIssue(issue: StandardIssue): ValidationIssue {
  const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  return { path: path.slice(0, maximumTextLength), message: String(issue.message).slice(0, maximumTextLength) };
}
