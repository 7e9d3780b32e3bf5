import {
  type MemoryBroker,
  MemoryTransport,
  MessageHeaders,
  type TransportConnection,
  type TransportMessage,
} from "../../mod.ts";
import { decodeHeaderBlock } from "../../src/message/header-block.ts";
import { isReplySubject } from "../../src/transport/subject-rules.ts";
import { orders } from "./orders.ts";

/** What a plain service may do wrong. */
export const defects = [
  "takes quantities of 0",
  "refuses quantities of 100",
  "does not look at its input",
  "wants the optional note",
  "refuses fields that it does not know",
  "fails for notes that are not ASCII",
  "takes texts of any form as an SKU",
  "wraps its response",
  "leaves a field out of its response",
  "fails with an error of its own",
  "gives no data with an error",
  "gives an error under another status",
  "says of errors in the body alone",
  "answers invalid input under the status 422",
  "does not answer invalid input",
  "asks nobody for a token",
  "takes any token",
  "lets guests in",
  "does not let managers place orders",
  "refuses everybody who has no token",
  "dies of a body that is not JSON",
  "dies after it has refused a body that is not JSON",
  "answers malformed bodies with INTERNAL",
  "does not answer malformed bodies",
  "reads bodies that are not UTF-8",
  "reads bodies however deep",
  'reads a key "__proto__"',
  "reads any content type",
  "answers twice",
  "does not serve cancelOrder",
] as const;

/** One of them. */
export type Defect = (typeof defects)[number];

/** Tokens by the role that they stand for. */
export const tokens = { guest: "guest-token", clerk: "clerk-token", manager: "manager-token" } as const;

/** An error as such a service answers it. */
class Refusal extends Error {
  readonly code: string;
  readonly status: number;
  readonly data: unknown;

  constructor(code: string, status: number, data?: unknown) {
    super(code);
    this.code = code;
    this.status = status;
    this.data = data;
  }
}

/** The order desk as somebody would write it in another language: by the wire's description alone, with defects or without. */
export async function servePlainly(broker: MemoryBroker, ...found: readonly Defect[]): Promise<TransportConnection> {
  const has = (defect: Defect): boolean => found.includes(defect);
  const connection = await new MemoryTransport({ broker }).open();
  let alive = true;
  for (const name of orders.requests.keys()) {
    if (name === "cancelOrder" && has("does not serve cancelOrder")) continue;
    connection.subscribe(`orders.v1.request.${name}`, {
      queueGroup: "orders",
      onMessage: (message) => {
        const { replySubject } = message;
        if (!alive || replySubject === undefined || !isReplySubject(replySubject)) return;
        const send = (body: string, headers: Record<string, string> = {}): void => {
          connection.send(replySubject, new TextEncoder().encode(body), MessageHeaders.from(headers));
          if (has("answers twice")) connection.send(replySubject, new TextEncoder().encode(body));
        };
        try {
          send(JSON.stringify(answer(name, message, has)));
        } catch (error) {
          if (error instanceof SyntaxError && has("dies of a body that is not JSON")) alive = false;
          if (!alive) return;
          if (error instanceof SyntaxError && has("dies after it has refused a body that is not JSON")) alive = false;
          const refusal = refusalOf(error, has);
          if (refusal === undefined) return;
          const { code, status, data } = refusal;
          const body = JSON.stringify({ code, message: code, data });
          if (has("says of errors in the body alone")) send(body);
          else send(body, { "Nats-Service-Error": code, "Nats-Service-Error-Code": String(status), "Mb-Error": code });
        }
      },
    });
  }
  return connection;
}

function refusalOf(error: unknown, has: (defect: Defect) => boolean): Refusal | undefined {
  if (error instanceof Refusal) {
    if (error.code === "INVALID_REQUEST") {
      if (has("does not answer invalid input")) return undefined;
      if (has("answers invalid input under the status 422")) return new Refusal(error.code, 422);
    }
    return error;
  }
  if (!(error instanceof SyntaxError || error instanceof TypeError)) return new Refusal("INTERNAL", 500);
  if (has("does not answer malformed bodies")) return undefined;
  return has("answers malformed bodies with INTERNAL")
    ? new Refusal("INTERNAL", 500)
    : new Refusal("MALFORMED_MESSAGE", 400);
}

function answer(name: string, { headerBlock, body }: TransportMessage, has: (defect: Defect) => boolean): unknown {
  const headers = headerBlock === undefined ? MessageHeaders.empty : decodeHeaderBlock(headerBlock).headers;
  checkCaller(name, headers, has);
  const type = headers.get("Content-Type") ?? "application/json";
  if (type !== "application/json" && !has("reads any content type")) throw new SyntaxError("no JSON");
  const input = readInput(body, has);
  if (name === "placeOrder") return placeOrder(input, has);
  check(isObject(input) && typeof (name === "cancelOrder" ? input["id"] : input["sku"]) === "string");
  return name === "cancelOrder" ? { cancelled: true } : { price: 12 };
}

function checkCaller(name: string, headers: MessageHeaders, has: (defect: Defect) => boolean): void {
  const token = headers.get("Authorization")?.replace(/^Bearer /, "");
  const role = Object.entries(tokens).find(([, known]) => known === token)?.[0];
  if (name === "readPrice") {
    if (token === undefined && has("refuses everybody who has no token")) throw new Refusal("UNAUTHENTICATED", 401);
    return;
  }
  if (has("asks nobody for a token")) return;
  if (role === undefined) {
    if (token !== undefined && has("takes any token")) return;
    throw new Refusal("UNAUTHENTICATED", 401);
  }
  const mayPlace = has("does not let managers place orders") ? ["clerk"] : ["clerk", "manager"];
  const may = name === "placeOrder" ? mayPlace : ["manager"];
  if (!may.includes(role) && !(role === "guest" && has("lets guests in"))) throw new Refusal("FORBIDDEN", 403);
}

function readInput(body: Uint8Array, has: (defect: Defect) => boolean): unknown {
  const text = new TextDecoder("utf-8", { fatal: !has("reads bodies that are not UTF-8") }).decode(body);
  if (body.length === 0) return undefined;
  if (/[[{]{64,}/.test(text)) {
    if (!has("reads bodies however deep")) throw new SyntaxError("too deep");
    return { sku: "A1", quantity: 1, id: "1" };
  }
  return JSON.parse(text, (key, value) => {
    if (key !== "__proto__") return value;
    if (!has('reads a key "__proto__"')) throw new SyntaxError("a prototype");
    return undefined;
  });
}

function placeOrder(input: unknown, has: (defect: Defect) => boolean): unknown {
  if (has("does not look at its input")) return { id: "1", total: 1 };
  check(isObject(input));
  const { sku, quantity, note, ...others } = input;
  check(typeof sku === "string" && (has("takes texts of any form as an SKU") || /^[A-Z]\d{1,3}$/.test(sku)));
  check(typeof quantity === "number" && Number.isInteger(quantity));
  check(quantity >= (has("takes quantities of 0") ? 0 : 1));
  check(quantity <= (has("refuses quantities of 100") ? 99 : 100));
  check((note === undefined && !has("wants the optional note")) || (typeof note === "string" && note.length <= 40));
  if (has("refuses fields that it does not know")) check(Object.keys(others).length === 0);
  if (has("fails for notes that are not ASCII") && /\P{ASCII}/u.test(String(note))) throw new Error("no ASCII");
  if (sku.endsWith("3")) {
    if (has("fails with an error of its own")) throw new Refusal("SOLD_OUT", 410);
    const data = has("gives no data with an error") ? undefined : { sku };
    throw new Refusal("OUT_OF_STOCK", has("gives an error under another status") ? 404 : 409, data);
  }
  const response = { id: sku, total: quantity * 2.5 };
  if (has("wraps its response")) return { ok: true, data: response };
  return has("leaves a field out of its response") ? { id: sku } : response;
}

function check(isRight: boolean): asserts isRight {
  if (!isRight) throw new Refusal("INVALID_REQUEST", 400);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
