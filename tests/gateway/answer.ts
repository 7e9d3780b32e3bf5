import * as assert from "uvu/assert";

/** A gateway's answer, read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Its JSON; `undefined` where the body is empty. */
  readonly json: unknown;
}

/** Problem details of the gateway. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly operation?: string;
  readonly execution: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly correlationId?: string;
  readonly data?: unknown;
  readonly "violated-policies"?: readonly string[];
}

/** Reads an answer, and checks what every answer has. */
export async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const text = await response.text();
  assert.is(headers.get("Cache-Control"), "no-store");
  assert.is(headers.get("X-Content-Type-Options"), "nosniff");
  assert.is(headers.get("Vary"), "Origin");
  return { status, headers, text, json: text === "" ? undefined : JSON.parse(text) };
}

/** The problem of an answer, checked for what every problem has. */
export function problemIn({ status, headers, json }: Answer, code: string, wantedStatus: number): Problem {
  const problem = json as Problem;
  assert.is(problem.code, code, problem.detail);
  assert.is(status, wantedStatus);
  assert.is(headers.get("Content-Type"), "application/problem+json");
  assert.is(problem.status, status);
  if (status !== 429) assert.is(problem.type, `urn:problem-type:magicbutton:${code}`);
  assert.is(typeof problem.detail, "string");
  assert.match(problem.title, /^[A-Z][a-z ]+$/);
  assert.ok(["not-executed", "unknown", "executed"].includes(problem.execution));
  assert.is(typeof problem.retryable, "boolean");
  return problem;
}
