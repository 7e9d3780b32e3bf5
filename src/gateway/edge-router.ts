import type { CallerLimits } from "./caller-limits.ts";
import type { CorsPolicy } from "./cors-policy.ts";
import { everyAnswer, streamAnswer, valueAnswer } from "./edge-answers.ts";
import type { EdgeCall } from "./edge-call.ts";
import { readEdgeHeaders } from "./edge-headers.ts";
import { EdgeRefusal, stoppingRefusal } from "./edge-refusal.ts";
import type { EventOpener } from "./event-opener.ts";
import type { EffectiveLimits } from "./gateway-limits.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import type { OperationalRoute } from "./operational-routes.ts";
import type { RequestForwarder } from "./request-forwarder.ts";
import { countParameters } from "./request-target.ts";
import { type ContractRoute, methodsOf } from "./route-table.ts";

const operationalMethods = "GET, HEAD, OPTIONS";
/** How long a route that belongs to no contract may take, in milliseconds: to connect to the broker is part of it. */
const operationalPatienceMs = 10_000;

/** What an edge router is made of. */
export interface EdgeRouterOptions {
  readonly routes: ReadonlyMap<string, ContractRoute>;
  readonly operational: ReadonlyMap<string, OperationalRoute>;
  /** Names of headers that travel on, by themselves in small letters. */
  readonly forwardHeaders: ReadonlyMap<string, string>;
  readonly cors: CorsPolicy;
  readonly callers: CallerLimits;
  readonly limits: EffectiveLimits;
  readonly address: GatewayOptions["address"];
  readonly forwarder: RequestForwarder;
  readonly opener: EventOpener;
  /** Whether the gateway takes no more. */
  readonly isStopping: () => boolean;
  /** Counts a request as under way. @throws {EdgeRefusal} where too many are */
  readonly enter: (call: EdgeCall) => void;
}

/** Leads every HTTP request to what answers it, or refuses it; what is cheap to refuse comes first. */
export class EdgeRouter {
  readonly #options: EdgeRouterOptions;

  /** For one gateway. */
  constructor(options: EdgeRouterOptions) {
    this.#options = options;
  }

  /**
   * Answers one request.
   *
   * @throws {EdgeRefusal} for what the gateway does not take
   * @throws {MessagingError} for what goes wrong behind it
   */
  async answer(call: EdgeCall): Promise<Response> {
    const { request: { method, url, headers }, target } = call;
    const { limits, operational, cors } = this.#options;
    if (url.length > limits.urlBytes) {
      throw tooLarge(`The URL has more than ${limits.urlBytes} bytes`, "url-size", 414);
    }
    // A `Request` has no such URL: where a server gives one, its body could not be read (RFC 9110, 4.2.4).
    if (target.namesUser) throw new EdgeRefusal("INVALID_REQUEST", "The URL names a user", { reason: "invalid" });
    call.headers = readEdgeHeaders(headers, this.#options.forwardHeaders);
    const own = operational.get(target.path);
    if (own?.cors !== false) call.cors = cors.headersFor(call.headers.origin);
    if (call.headers.bytes > limits.headerBytes) {
      throw tooLarge(`The headers have more than ${limits.headerBytes} bytes`, "header-size", 431);
    }
    if (call.headers.count > limits.headers) {
      throw tooLarge(`The request has more than ${limits.headers} headers`, "header-size", 431);
    }
    if (countParameters(target.query) > limits.queryParameters) {
      throw tooLarge(`The query has more than ${limits.queryParameters} parameters`, "query-size", 431);
    }
    if (own !== undefined) return await this.#answerOperational(call, own, method);
    const route = this.#options.routes.get(target.path);
    if (method === "OPTIONS") return this.#preflight(call, route);
    return await this.#answerContract(call, route, method);
  }

  async #answerContract(call: EdgeCall, route: ContractRoute | undefined, method: string): Promise<Response> {
    const { callers, address, isStopping, enter, forwarder, opener } = this.#options;
    call.address = address?.(call.request, call.platform);
    callers.countAddress(call.address, call.startedAt, call.rate);
    if (route === undefined) throw notFound();
    call.route = route.path;
    const { events, request } = route;
    const opensStream = method === "GET" && events !== undefined;
    if (!opensStream && (method !== "POST" || request === undefined)) throw wrongMethod(methodsOf(route));
    if (isStopping()) throw stoppingRefusal();
    if (opensStream) return streamAnswer(call, await opener.open(call, events));
    call.operation = request!.operation.name;
    call.counts = request!.counts;
    enter(call);
    return valueAnswer(call, await forwarder.forward(call, request!));
  }

  async #answerOperational(call: EdgeCall, route: OperationalRoute, method: string): Promise<Response> {
    call.route = call.target.path;
    call.deadline = call.startedAt + operationalPatienceMs;
    if (method === "OPTIONS") return this.#optionsAnswer(call, operationalMethods, route.cors);
    if (method !== "GET" && method !== "HEAD") throw wrongMethod(operationalMethods);
    const response = await route.answer(call);
    if (method === "GET") return response;
    return new Response(null, { status: response.status, headers: response.headers });
  }

  /** A path that is none is answered like one that is: a page then reads the typed 404 of its request. */
  #preflight(call: EdgeCall, route: ContractRoute | undefined): Response {
    if (route !== undefined) call.route = route.path;
    return this.#optionsAnswer(call, route === undefined ? "GET, POST, OPTIONS" : methodsOf(route), true);
  }

  #optionsAnswer(call: EdgeCall, methods: string, cors: boolean): Response {
    const allowed = cors ? this.#options.cors.preflightHeaders(call.headers.origin, methods) : {};
    return new Response(null, { status: 204, headers: { "Allow": methods, ...everyAnswer, ...allowed } });
  }
}

function tooLarge(text: string, reason: "url-size" | "header-size" | "query-size", status: number): EdgeRefusal {
  return new EdgeRefusal("PAYLOAD_TOO_LARGE", text, { reason, status });
}

function notFound(): EdgeRefusal {
  const text = "No contract of this gateway has such a request";
  return new EdgeRefusal("NO_RESPONDERS", text, { reason: "not-found", status: 404, retryable: false });
}

function wrongMethod(methods: string): EdgeRefusal {
  const text = `This route takes ${methods}`;
  return new EdgeRefusal("UNSUPPORTED", text, { reason: "method", status: 405, headers: { "Allow": methods } });
}
