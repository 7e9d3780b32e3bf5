import type { Contract } from "../contract/contract.ts";

/**
 * What a document says of itself.
 *
 * @example
 * ```ts
 * import type { DocumentOptions } from "@magicbutton/messaging/describe";
 *
 * const options: DocumentOptions = { title: "Orders", version: "2026-11", description: "For partners." };
 * ```
 */
export interface DocumentOptions {
  /** The API's title. @default the contracts' names */
  readonly title?: string;
  /** The API's version. @default the contract's; of several, each with its contract's name where they differ */
  readonly version?: string;
  /** What the API is for; CommonMark. @default none */
  readonly description?: string;
}

/** The `info` of a document. */
export interface DocumentInformation {
  /** The API's title. */
  readonly title: string;
  /** The API's version. */
  readonly version: string;
  /** What the API is for. */
  readonly description?: string;
}

/** What a document of these contracts says of itself. */
export function documentInformation(contracts: readonly Contract[], options: DocumentOptions): DocumentInformation {
  const { description } = options;
  const versions = new Set(contracts.map(({ version }) => version));
  const each = contracts.map(({ name, version }) => `${name} ${version}`).join(", ");
  return {
    title: options.title ?? [...new Set(contracts.map(({ name }) => name))].join(", "),
    version: options.version ?? (versions.size === 1 ? contracts[0]!.version : each),
    ...(description === undefined ? {} : { description }),
  };
}

/** Summary and description of an operation: the first sentence of its own, and all of it where there is more. */
export function documentText(text: string | undefined): { summary?: string; description?: string } {
  const whole = text?.trim() ?? "";
  if (whole === "") return {};
  const first = /^.*?(?=\.?\s*(?:\n|$)|\.\s)/.exec(whole)?.[0] ?? whole;
  return /^\.?$/.test(whole.slice(first.length)) ? { summary: first } : { summary: first, description: whole };
}
