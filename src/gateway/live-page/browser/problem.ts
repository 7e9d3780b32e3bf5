import { element } from "./element.ts";
import { jsonView } from "./json-view.ts";

/** A failure as the gateway tells it (RFC 9457), or as the page found it. */
export interface Problem {
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  /** What a program decides by. */
  readonly code: string;
  /** What happened, in words. */
  readonly detail: string;
  /** Whether the work may have happened. */
  readonly execution?: string | undefined;
  /** Whether the same call may succeed later. */
  readonly retryable?: boolean | undefined;
  /** How long to wait before that, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Finds the failure in the service's log. */
  readonly correlationId?: string | undefined;
  /** The error's own data, as JSON. */
  readonly data?: string | undefined;
}

/** Reads the body of a failed answer, whoever wrote it: a proxy on the way says something else than the gateway. */
export function readProblem(status: number, body: string): Problem {
  const fields = parseObject(body);
  const text = (name: string): string | undefined => typeof fields[name] === "string" ? fields[name] : undefined;
  const { retryable, retryAfterMs, data } = fields;
  return {
    status,
    code: text("code") ?? `HTTP ${status}`,
    detail: text("detail") ?? text("title") ?? "The answer says no more",
    execution: text("execution"),
    retryable: typeof retryable === "boolean" ? retryable : undefined,
    retryAfterMs: typeof retryAfterMs === "number" ? retryAfterMs : undefined,
    correlationId: text("correlationId"),
    data: data === undefined ? undefined : JSON.stringify(data),
  };
}

/** What the page itself could not do. */
export function unreachable(error: unknown): Problem {
  const detail = error instanceof Error ? error.message : String(error);
  return { status: 0, code: "NO ANSWER", detail: `The gateway cannot be reached: ${detail}` };
}

const executions: Readonly<Record<string, string>> = {
  "not-executed": "It was not executed",
  executed: "It was executed",
  unknown: "It may have been executed",
};

/** Shows a failure: what it is called, what happened, and what that means for the caller. */
export function problemView(problem: Problem): HTMLElement {
  const { execution, retryable, retryAfterMs, correlationId, data } = problem;
  const facts: (readonly [string, string])[] = [];
  if (execution !== undefined) facts.push(["Execution", executions[execution] ?? execution]);
  if (retryable !== undefined) {
    const wait = retryAfterMs === undefined ? "" : `, after ${retryAfterMs} ms`;
    facts.push(["Again", retryable ? `The same call may succeed later${wait}` : "The same call would fail again"]);
  }
  if (correlationId !== undefined) facts.push(["Correlation", correlationId]);
  const view = element("div", { class: "problem" }, element("p", {}, problem.detail));
  if (facts.length > 0) {
    const entries = facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]);
    view.append(element("dl", { class: "facts" }, ...entries));
  }
  if (data !== undefined) view.append(element("h4", {}, "Data"), jsonView(data));
  return view;
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}
