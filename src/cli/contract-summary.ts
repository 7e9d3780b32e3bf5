import type { Contract, EventOperation } from "../contract/contract.ts";
import { contractSubjects } from "../contract/subjects.ts";
import { tableLines } from "./table.ts";
import { plainText, type Terminal } from "./terminal.ts";

/** What a contract offers, in short; the shape of `describe --json`. */
export interface ContractSummary {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** Roles, each with those whose rights it has. */
  readonly roles: readonly { readonly name: string; readonly includes: readonly string[] }[];
  /** Errors by code. */
  readonly errors: readonly { readonly code: string; readonly status: number; readonly message: string }[];
  /** Requests. */
  readonly requests: readonly {
    readonly name: string;
    readonly subject: string;
    readonly access: "public" | readonly string[];
    readonly errors: readonly string[];
    readonly idempotent: boolean;
    readonly timeoutMs?: number;
    readonly description?: string;
  }[];
  /** Events; `{name}` in a subject is a parameter. */
  readonly events: readonly {
    readonly name: string;
    readonly subject: string;
    readonly parameters: readonly string[];
    readonly access: "public" | readonly string[];
    readonly durable: boolean;
    readonly description?: string;
  }[];
}

/** Summarizes a contract. @throws {TypeError} for a namespace that is not made of subject tokens */
export function summarize(contract: Contract, namespace: string | undefined): ContractSummary {
  const subjects = contractSubjects(contract, namespace);
  const described = (description: string | undefined): { description?: string } =>
    description === undefined ? {} : { description };
  return {
    name: contract.name,
    version: contract.version,
    roles: [...contract.roles].map(([name, rights]) => ({
      name,
      includes: [...rights].filter((role) => role !== name),
    })),
    errors: [...contract.errors.values()].map(({ code, status, message }) => ({ code, status, message })),
    requests: [...contract.requests.values()].map((operation) => ({
      name: operation.name,
      subject: subjects.of(operation.subject),
      access: operation.access,
      errors: [...operation.errors.keys()],
      idempotent: operation.idempotent,
      ...(operation.timeoutMs === undefined ? {} : { timeoutMs: operation.timeoutMs }),
      ...described(operation.description),
    })),
    events: [...contract.events.values()].map((operation) => ({
      name: operation.name,
      subject: eventSubject(subjects.of(operation.subject), operation),
      parameters: operation.template.parameters,
      access: operation.access,
      durable: operation.durable !== undefined,
      ...described(operation.description),
    })),
  };
}

/** A summary for people. */
export function summaryLines(terminal: Terminal, summary: ContractSummary): string[] {
  const { name, version, roles, requests, events } = summary;
  const access = (who: "public" | readonly string[]): string => typeof who === "string" ? who : who.join(", ");
  const columns = (...titles: string[]): { title: string }[] => titles.map((title) => ({ title }));
  const lines = [terminal.paint("strong", `${name} ${version}`)];
  if (requests.length > 0) {
    const rows = requests.map((request) => [
      request.name,
      request.subject,
      access(request.access),
      request.errors.join(", "),
      request.description ?? "",
    ]);
    lines.push("", ...tableLines(terminal, columns("REQUEST", "SUBJECT", "ACCESS", "ERRORS", "DESCRIPTION"), rows));
  }
  if (events.length > 0) {
    const rows = events.map((event) => [
      event.name,
      event.subject,
      access(event.access),
      event.durable ? "yes" : "no",
      event.description ?? "",
    ]);
    lines.push("", ...tableLines(terminal, columns("EVENT", "SUBJECT", "ACCESS", "DURABLE", "DESCRIPTION"), rows));
  }
  if (roles.length > 0) {
    const texts = roles.map((role) =>
      role.includes.length === 0 ? role.name : `${role.name} (${role.includes.join(", ")})`
    );
    lines.push("", `Roles: ${plainText(texts.join("; "))}`);
  }
  return lines;
}

function eventSubject(prefix: string, { template }: EventOperation): string {
  const names = template.parameters.values();
  return template.subscribeSubject(prefix, {}).replace(/\*/g, () => `{${names.next().value}}`);
}
