import { isToken } from "./token.ts";

/** The subjects of one contract, with a namespace or without. */
export interface ContractSubjects {
  /** The subject of a request or event without a namespace, with it. */
  of(subject: string): string;
  /** A subject with the namespace, without it. */
  relative(subject: string): string;
  /** Where a caller says that it no longer waits. */
  cancel(replyToken: string): string;
  /** Where servers hear of every cancelled request. */
  readonly everyCancel: string;
}

/**
 * Puts a deployment's namespace in front of a contract's subjects.
 *
 * @throws {TypeError} where the namespace is not made of subject tokens
 */
export function contractSubjects(contract: { name: string; major: number }, namespace?: string): ContractSubjects {
  if (namespace !== undefined && !namespace.split(".").every(isToken)) {
    throw new TypeError(`Cannot use namespace "${namespace.slice(0, 64)}": subject tokens joined by dots are wanted`);
  }
  const prefix = namespace === undefined ? "" : `${namespace}.`;
  const known = new Map<string, string>();
  // A contract's subjects are few, and a text that is put together for each message is read again by all that handle it.
  const of = (subject: string): string => {
    let whole = known.get(subject);
    if (whole === undefined) known.set(subject, whole = prefix + subject);
    return whole;
  };
  const cancel = `${prefix}${contract.name}.v${contract.major}.cancel`;
  return {
    of,
    relative: (subject) => subject.slice(prefix.length),
    cancel: (replyToken) => `${cancel}.${replyToken}`,
    everyCancel: `${cancel}.*`,
  };
}
