import type { RequestOperation } from "../contract/contract.ts";
import { isLibraryCode, libraryCodes } from "../errors/error-codes.ts";
import type { RawAnswer } from "./conformance-caller.ts";

const shownLength = 200;

/** Holds an answer to a valid input to the contract. @throws {Error} that says what is wrong with it */
export async function checkAnswer(
  operation: RequestOperation,
  what: string,
  answer: RawAnswer,
  accepted: readonly string[],
): Promise<void> {
  if (answer.kind === "nothing") throw failure(operation, what, `with nothing that can be read (${answer.reason})`);
  if (answer.kind === "value") {
    const { issues } = await operation.response.validate(answer.value);
    if (issues === undefined) return;
    const problem = issues.map(({ message }) => message).join("; ").slice(0, shownLength);
    throw failure(
      operation,
      what,
      `with a response that does not fit the contract: ${problem}; it is ${shown(answer.value)}`,
    );
  }
  const { code, status, data } = answer;
  const declared = code === undefined ? undefined : operation.errors.get(code);
  if (declared === undefined) {
    if (code !== undefined && accepted.includes(code)) return;
    throw failure(operation, what, `with ${errorText(answer)}, which the contract does not name for it`);
  }
  if (status !== declared.status) {
    throw failure(operation, what, `with ${code} under the status ${status}; the contract says ${declared.status}`);
  }
  const issues = (await declared.data?.validate(data))?.issues;
  if (issues === undefined) return;
  const problem = issues.map(({ message }) => message).join("; ").slice(0, shownLength);
  throw failure(
    operation,
    what,
    `with ${code}, whose data does not fit the contract: ${problem}; it is ${shown(data)}`,
  );
}

/** Holds the answer to what must be refused to one of some codes. @throws {Error} that says what came in its place */
export function checkRefusal(
  operation: RequestOperation,
  what: string,
  answer: RawAnswer,
  codes: readonly string[],
): void {
  const wanted = codes.join(" or ");
  if (answer.kind === "nothing") {
    throw failure(operation, what, `with nothing that can be read (${answer.reason}) in place of ${wanted}`);
  }
  if (answer.kind === "value") {
    throw failure(operation, what, `with a response in place of ${wanted}: ${shown(answer.value)}`);
  }
  const { code, status } = answer;
  if (code === undefined || !codes.includes(code)) {
    throw failure(operation, what, `with ${errorText(answer)} in place of ${wanted}`);
  }
  if (!isLibraryCode(code) || status === libraryCodes[code].status) return;
  // A gateway says 415 of a body of another content type.
  if (code === "UNSUPPORTED" && status === 415) return;
  throw failure(operation, what, `with ${code} under the status ${status} in place of ${libraryCodes[code].status}`);
}

/** Holds an answer to not being a refusal of who asks. @throws {Error} that says so */
export function checkLetIn(operation: RequestOperation, what: string, answer: RawAnswer): void {
  if (answer.kind === "nothing") throw failure(operation, what, `with nothing that can be read (${answer.reason})`);
  if (answer.kind === "error" && (answer.code === "FORBIDDEN" || answer.code === "UNAUTHENTICATED")) {
    throw failure(operation, what, `with ${errorText(answer)}, although the contract lets it in`);
  }
}

/** The error of a case. */
export function failure(operation: RequestOperation, what: string, how: string): Error {
  return new Error(`Request "${operation.name}" answered ${what} ${how}`);
}

/** A value, short enough for a line. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}

function errorText({ code, status, message }: Extract<RawAnswer, { kind: "error" }>): string {
  const text = message.slice(0, shownLength);
  return code === undefined ? `an error without a code (status ${status}: ${text})` : `${code} (${text})`;
}
