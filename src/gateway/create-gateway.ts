import { MessagingError } from "../errors/messaging-error.ts";
import { silentLogger } from "../logging/logger.ts";
import { type Clock, systemClock } from "../transport/clock.ts";
import type { Transport, TransportConnection } from "../transport/transport.ts";
import { CallOutcomes } from "./call-outcomes.ts";
import { CallerLimits } from "./caller-limits.ts";
import { CorsPolicy } from "./cors-policy.ts";
import { drainBody } from "./drain-body.ts";
import { EdgeAccess } from "./edge-access.ts";
import { EdgeCall } from "./edge-call.ts";
import { EdgeRefusal } from "./edge-refusal.ts";
import { EdgeRouter } from "./edge-router.ts";
import { EventHub } from "./event-hub.ts";
import { EventOpener } from "./event-opener.ts";
import { forwardedHeaderNames } from "./forwarded-headers.ts";
import { GatewayConnection } from "./gateway-connection.ts";
import { type EffectiveLimits, effectiveLimits } from "./gateway-limits.ts";
import { GatewayMetrics } from "./gateway-metrics.ts";
import type { Gateway, GatewayOptions, GatewayStopOptions } from "./gateway-options.ts";
import { operationalRoutes } from "./operational-routes.ts";
import { RequestForwarder } from "./request-forwarder.ts";
import { requestTarget } from "./request-target.ts";
import { routeTable } from "./route-table.ts";
import { Sweeper } from "./sweeper.ts";
import { ToldErrors } from "./told-errors.ts";
import { TraceContext } from "./trace-context.ts";

/** How often the gateway looks for what has taken too long, in milliseconds. */
const sweepMs = 250;
const busyRetryAfterMs = 100;

/**
 * Makes a gateway: HTTP callers reach the requests and events of its contracts, and nothing else. It needs `Request`,
 * `Response` and streams, so that it runs under `Deno.serve`, `Bun.serve`, Node through an adapter, and in workers.
 *
 * @throws {TypeError} for options that cannot work: a contract twice, or one with operations that are not public and no
 * `authenticate`; an origin or a forwarded header that must not be
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, MemoryTransport } from "@magicbutton/messaging";
 * import { createGateway } from "@magicbutton/messaging/gateway";
 *
 * const clock = createContract({
 *   name: "clock",
 *   version: "1.0.0",
 *   requests: { now: { request: v.object({ zone: v.string() }), response: v.object({ iso: v.string() }) } },
 * });
 * const gateway = createGateway({ contracts: [clock], transport: new MemoryTransport() });
 * const response = await gateway.fetch(new Request("http://gateway/healthz"));
 * console.log(response.status);
 * await gateway.stop();
 * ```
 */
export function createGateway(options: GatewayOptions): Gateway {
  return new EdgeGateway(options);
}

/** How a gateway is: it takes requests, it takes no more, or it has left its transport. */
type GatewayState = "open" | "stopping" | "stopped";

class EdgeGateway implements Gateway {
  readonly #clock: Clock;
  readonly #limits: EffectiveLimits;
  readonly #metrics = new GatewayMetrics();
  readonly #transport: Transport;
  readonly #connection: GatewayConnection;
  readonly #sweeper: Sweeper;
  readonly #hub: EventHub;
  readonly #router: EdgeRouter;
  readonly #outcomes: CallOutcomes;
  #state: GatewayState = "open";
  #stopping: Promise<void> | undefined;
  #whenIdle: (() => void) | undefined;
  #stopMirror: (() => void) | undefined;

  constructor(options: GatewayOptions) {
    const { contracts, namespace, authenticate, authorize, authorizeEvents, encryption, address } = options;
    const { logger = silentLogger, clock = systemClock, middleware = [], shareTraces = false } = options;
    const limits = effectiveLimits(options.limits);
    const metrics = this.#metrics;
    this.#clock = clock;
    this.#limits = limits;
    this.#transport = options.transport;
    this.#connection = new GatewayConnection(
      options.transport,
      clock,
      contracts.some(({ requests }) => requests.size > 0),
    );
    this.#sweeper = new Sweeper(clock, sweepMs);
    const told = new ToldErrors(logger, clock);
    const callers = new CallerLimits(limits);
    const access = new EdgeAccess(authenticate, callers, () => clock.now(), logger);
    const hub = new EventHub({
      limits,
      encryption,
      shareTraces,
      sweeper: this.#sweeper,
      metrics,
      logger,
      clock,
      onClosed: () => this.#tellIdle(),
    });
    const connection = (): TransportConnection | Promise<TransportConnection> => this.#joined();
    const isStopping = (): boolean => this.#state !== "open";
    const forwardHeaders = forwardedHeaderNames(options.forwardHeaders ?? []);
    this.#hub = hub;
    this.#outcomes = new CallOutcomes(metrics, told, logger);
    this.#router = new EdgeRouter({
      routes: routeTable({ contracts, namespace, canAuthenticate: authenticate !== undefined, metrics }),
      operational: operationalRoutes({
        contracts,
        namespace,
        expose: options.expose,
        connection: this.#connection,
        limits,
        metrics,
        join: () => this.#joined(),
        isStopping,
        clock,
        logger,
        told,
      }),
      forwardHeaders,
      cors: new CorsPolicy(options.cors ?? { origins: [] }, forwardHeaders.values()),
      callers,
      limits,
      address,
      forwarder: new RequestForwarder({
        connection,
        access,
        authorize,
        encryption,
        middleware,
        shareTraces,
        limits,
        told,
        trace: new TraceContext(clock),
        clock,
      }),
      opener: new EventOpener({ connection, access, authorizeEvents, hub, told, clock, isStopping }),
      isStopping,
      enter: (call) => this.#enter(call),
    });
  }

  readonly fetch = (request: Request, platform?: unknown): Promise<Response> => {
    return new Promise((resolve) => {
      const call = new EdgeCall(request, platform, requestTarget(request.url), this.#clock.now(), (outcome) => {
        const response = "response" in outcome ? outcome.response : this.#outcomes.failed(call, outcome.thrown);
        // A caller that keeps its connection would never reach another gateway.
        if (this.#state !== "open") response.headers.set("Connection", "close");
        this.#leave(call, response.status);
        resolve(response);
      });
      this.#sweeper.add(call);
      this.#router.answer(call).then(
        (response) => call.settle({ response }),
        async (thrown: unknown) => {
          await drainBody(call, this.#clock);
          call.settle({ thrown });
        },
      );
    });
  };

  async start(): Promise<void> {
    await this.#stopping;
    this.#state = "open";
    await this.#joined();
    const refusal = this.#connection.answersRefusal;
    if (refusal === undefined) return;
    await this.#connection.close();
    throw refusal;
  }

  stop({ graceMs = 10_000 }: GatewayStopOptions = {}): Promise<void> {
    if (!(Number.isFinite(graceMs) && graceMs >= 0)) {
      return Promise.reject(new TypeError("Cannot use `graceMs`: a number of at least 0 is wanted"));
    }
    if (this.#stopping === undefined && this.#state === "stopped") return Promise.resolve();
    return this.#stopping ??= this.#stop(graceMs).finally(() => {
      this.#stopping = undefined;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** The connection, at once where there is one. */
  #joined(): TransportConnection | Promise<TransportConnection> {
    if (this.#state === "stopped") return Promise.reject(stopped());
    const { current } = this.#connection;
    if (current !== undefined) return current;
    this.#stopMirror ??= this.#hearOutages();
    return this.#connection.open();
  }

  /** Whoever listens learns that the connection was away. */
  #hearOutages(): () => void {
    let isAway = false;
    return this.#transport.onStatus((status) => {
      if (status === "connected" && isAway) this.#hub.tellOutage();
      isAway = status === "reconnecting";
    });
  }

  #enter(call: EdgeCall): void {
    const { concurrency } = this.#limits;
    if (this.#metrics.inFlight >= concurrency) {
      throw new EdgeRefusal("BUSY", "Too many requests are under way", {
        reason: "concurrency",
        retryAfterMs: busyRetryAfterMs,
      });
    }
    call.inFlight = true;
    this.#metrics.inFlight += 1;
  }

  #leave(call: EdgeCall, status: number): void {
    this.#sweeper.delete(call);
    if (call.inFlight) {
      this.#metrics.inFlight -= 1;
      this.#tellIdle();
    }
    this.#outcomes.ended(call, status, this.#clock.now() - call.startedAt);
  }

  async #stop(graceMs: number): Promise<void> {
    this.#state = "stopping";
    this.#hub.endAll(stopped(), "stopped");
    await this.#idle(graceMs);
    this.#hub.breakOffAll();
    this.#stopMirror?.();
    this.#stopMirror = undefined;
    this.#state = "stopped";
    // Requests that are left get their answer from this: nothing more is known of them.
    await this.#connection.close();
    this.#sweeper.rest();
  }

  get #isIdle(): boolean {
    return this.#metrics.inFlight === 0 && this.#hub.size === 0;
  }

  #tellIdle(): void {
    if (this.#isIdle) this.#whenIdle?.();
  }

  /** Resolves when nothing is under way and no stream is open, or when the grace is over. */
  #idle(graceMs: number): Promise<void> {
    if (this.#isIdle || graceMs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        this.#whenIdle = undefined;
        resolve();
      };
      const timer = this.#clock.after(graceMs, done);
      this.#whenIdle = done;
    });
  }
}

function stopped(): MessagingError {
  return new MessagingError("DISCONNECTED", "The gateway was stopped", { execution: "not-executed" });
}
