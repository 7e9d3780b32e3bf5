import { MessagingError } from "../errors/messaging-error.ts";
import { decodeToken, encodeToken, isToken, maximumSubjectBytes } from "./token.ts";

/** The subject parameters of an event: fills them in, and reads them back. */
export interface SubjectTemplate {
  /** The parameters' names in order. */
  readonly parameters: readonly string[];
  /** The event's subject with the name of each parameter, in braces, in the place of its value. Never throws. */
  pattern(prefix: string): string;
  /**
   * The event's subject for these field values.
   *
   * @throws {MessagingError} `INVALID_EVENT`
   */
  publishSubject(prefix: string, data: unknown): string;
  /**
   * The subject a subscription listens to: a parameter that is left out is `*`.
   *
   * @throws {MessagingError} `INVALID_EVENT`
   */
  subscribeSubject(prefix: string, params: Readonly<Record<string, unknown>>): string;
  /** The parameters of a subject that came in; `undefined` where it does not have this form. Never throws. */
  read(prefix: string, subject: string): Readonly<Record<string, string>> | undefined;
  /**
   * The parameters that a subscription's subject fixes, without those it leaves open; `undefined` where it is none.
   * Never throws.
   */
  readFilter(prefix: string, subject: string): Readonly<Record<string, string>> | undefined;
}

interface TemplatePart {
  readonly parameter: boolean;
  readonly text: string;
}

/** Compiles `"{region}.{id}"`. @throws {TypeError} naming the event where the template cannot work */
export function compileSubjectTemplate(event: string, template: string | undefined): SubjectTemplate {
  const parts = template === undefined ? [] : template.split(".").map((text) => parsePart(event, template, text));
  const parameters = parts.filter((part) => part.parameter).map((part) => part.text);
  if (new Set(parameters).size !== parameters.length) {
    throw new TypeError(`Cannot use subject "${template}" of event "${event}": a parameter stands in it twice`);
  }

  const fill = (prefix: string, value: (name: string) => unknown, wildcard: boolean): string => {
    let subject = prefix;
    for (const part of parts) {
      subject += `.${part.parameter ? tokenOf(event, part.text, value(part.text), wildcard) : part.text}`;
    }
    if (subject.length > maximumSubjectBytes) {
      throw new MessagingError(
        "INVALID_EVENT",
        `The subject of event "${event}" is longer than ${maximumSubjectBytes} bytes: ${subject.length}`,
        { operation: event },
      );
    }
    return subject;
  };

  return {
    parameters,
    pattern: (prefix) => template === undefined ? prefix : `${prefix}.${template}`,
    publishSubject: (prefix, data) =>
      parts.length === 0 ? prefix : fill(prefix, (name) => (data as Record<string, unknown>)[name], false),
    subscribeSubject: (prefix, params) => {
      for (const name of Object.keys(params)) {
        if (!parameters.includes(name)) {
          throw new MessagingError(
            "INVALID_EVENT",
            `Event "${event}" has no subject parameter "${name.slice(0, 128)}": it has ${
              parameters.join(", ") || "none"
            }`,
            { operation: event },
          );
        }
      }
      return fill(prefix, (name) => Object.hasOwn(params, name) ? params[name] : undefined, true);
    },
    read: (prefix, subject) => readParameters(parts, prefix, subject, false),
    readFilter: (prefix, subject) => readParameters(parts, prefix, subject, true),
  };
}

function parsePart(event: string, template: string, text: string): TemplatePart {
  const parameter = /^\{([^{}]+)\}$/.exec(text)?.[1];
  if (parameter !== undefined) return { parameter: true, text: parameter };
  if (isToken(text)) return { parameter: false, text };
  throw new TypeError(
    `Cannot use subject "${template}" of event "${event}": "${text}" is neither a token nor a {parameter} between dots`,
  );
}

function tokenOf(event: string, name: string, value: unknown, wildcard: boolean): string {
  if (value === undefined && wildcard) return "*";
  const text = typeof value === "number" && Number.isFinite(value) ? String(value) : value;
  const token = typeof text === "string" ? encodeToken(text) : undefined;
  if (token !== undefined) return token;
  throw new MessagingError(
    "INVALID_EVENT",
    `The field "${name}" of event "${event}" cannot be a subject token: a string of 1 to 128 characters when escaped, or a finite number, is wanted`,
    { operation: event },
  );
}

const nothing: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

function readParameters(
  parts: readonly TemplatePart[],
  prefix: string,
  subject: string,
  wildcard: boolean,
): Readonly<Record<string, string>> | undefined {
  const whole = subject === prefix;
  if (whole && parts.length === 0) return nothing;
  if (!whole && !subject.startsWith(`${prefix}.`)) return undefined;
  const tokens = whole ? [] : subject.slice(prefix.length + 1).split(".");
  if (tokens.length !== parts.length) return undefined;
  const values: Record<string, string> = Object.create(null);
  for (const [index, part] of parts.entries()) {
    const token = tokens[index] ?? "";
    if (wildcard && part.parameter && token === "*") continue;
    const value = part.parameter ? decodeToken(token) : token;
    if (value === undefined || (!part.parameter && value !== part.text)) return undefined;
    if (part.parameter) values[part.text] = value;
  }
  return values;
}
