import { libraryCodes } from "../../src/errors/error-codes.ts";
import type { DocComment, ExportedSymbol } from "./exported-symbols.ts";

/** What was found of one symbol. */
export interface SymbolFindings {
  /** Comments that say what something is. */
  readonly documented: number;
  /** Functions and methods that say how they fail, or that they do not. */
  readonly throws: number;
  /** Examples. */
  readonly examples: number;
  /** What is missing or wrong. */
  readonly problems: readonly string[];
}

/** Says that nothing is thrown: of a function, of a method, or of everything that an interface has. */
const harmless = /\bnever\s+(?:throws?|rejects?)\b|\bmust\s+not\s+throw\b/i;
/** What programs write themselves. */
const writtenType = /(?:Options|Definition|Limits)$/;
const block = /```ts\n[\s\S]+?\n```/;

/** Whether a comment says what something is. */
export function isDocumented({ doc = "" }: DocComment): boolean {
  return doc.trim() !== "";
}

/** Whether a comment shows how something is used, in TypeScript. */
export function hasExample({ tags = [] }: DocComment): boolean {
  return tags.some((tag) => tag.kind === "example" && block.test(tag.doc ?? ""));
}

/** Holds one exported symbol to the rules. */
export function examineSymbol(symbol: ExportedSymbol): SymbolFindings {
  const { name, kind, comment, members, isFunctionType } = symbol;
  const problems: string[] = [];
  const parts = [{ label: name, comment, isCalled: kind === "function" }].concat(
    members.map((member) => ({ ...member, label: `${name}.${member.name}` })),
  );
  for (const part of parts) {
    if (!isDocumented(part.comment)) problems.push(`${part.label} has no doc comment`);
    if (part.isCalled) problems.push(...throwsProblems(part.label, part.comment, comment));
  }
  const isWritten = isFunctionType || ((kind === "interface" || kind === "typeAlias") && writtenType.test(name));
  const isShown = hasExample(comment);
  if (!isShown && (kind === "function" || kind === "class" || isWritten)) problems.push(`${name} has no @example`);
  const called = parts.filter(({ isCalled }) => isCalled);
  return {
    documented: parts.filter((part) => isDocumented(part.comment)).length,
    throws: called.filter((part) => throwsProblems(part.label, part.comment, comment).length === 0).length,
    examples: isShown ? 1 : 0,
    problems,
  };
}

function throwsProblems(label: string, comment: DocComment, owner: DocComment): string[] {
  const tags = (comment.tags ?? []).filter((tag) => tag.kind === "throws");
  if (tags.length === 0) {
    const isHarmless = harmless.test(comment.doc ?? "") || harmless.test(owner.doc ?? "");
    return isHarmless ? [] : [`${label} has no @throws, and does not say that it never throws`];
  }
  return tags.flatMap(({ type, doc = "" }) => {
    if (doc.trim() === "") return [`${label} has a @throws that does not say for what`];
    if (type !== "MessagingError") return [];
    const codes = [...doc.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, code]) => code!);
    if (codes.length === 0 && !/\bas `/.test(doc)) return [`${label} has a @throws {MessagingError} without a code`];
    const unknown = codes.filter((code) => !Object.hasOwn(libraryCodes, code));
    return unknown.map((code) => `${label} throws ${code}, which is no code of the library`);
  });
}
