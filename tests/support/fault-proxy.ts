import type { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** Which way bytes go. */
export type Direction = "toServer" | "toClient";

/** What is wrong with the way, from now on and for every connection. */
export type Weather =
  | { readonly kind: "pass" }
  /** Connections are taken and stay open; no byte gets through. */
  | { readonly kind: "blackHole" }
  /** Every byte comes so much later. */
  | { readonly kind: "delay"; readonly ms: number }
  /** So many bytes of each direction in a second. */
  | { readonly kind: "throttle"; readonly bytesPerSecond: number }
  /** New connections are ended at once. */
  | { readonly kind: "refuse" };

const passing: Weather = { kind: "pass" };
const throttleTickMs = 20;

interface Trap {
  readonly direction: Direction;
  readonly spring: "cut" | "corrupt";
  left: number;
}

/** Listens on 127.0.0.1 and passes bytes on to this port and back, as well as it is told to. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const server = createServer();
  const proxy = new FaultProxy(server, targetPort);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return proxy;
}

/** A way between a client and a server that a test can spoil. */
export class FaultProxy implements AsyncDisposable {
  readonly #server: ReturnType<typeof createServer>;
  readonly #targetPort: number;
  readonly #connections = new Set<ProxiedConnection>();
  #weather: Weather = passing;
  #taken = 0;
  #sprung = 0;
  #traps: Trap[] = [];

  constructor(server: ReturnType<typeof createServer>, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
    server.on("connection", (near) => this.#take(near));
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** How many connections came so far. */
  get taken(): number {
    return this.#taken;
  }

  /** How many are open. */
  get open(): number {
    return this.#connections.size;
  }

  /** How many traps have sprung. */
  get sprung(): number {
    return this.#sprung;
  }

  /** Sets the weather, for open connections too. */
  set weather(weather: Weather) {
    this.#weather = weather;
    for (const connection of this.#connections) connection.wake();
  }

  get weather(): Weather {
    return this.#weather;
  }

  /** Ends every open connection with a reset, as a host does that knows nothing of it. */
  reset(): void {
    for (const connection of this.#connections) connection.end(true);
  }

  /** Ends every open connection in good order. */
  cut(): void {
    for (const connection of this.#connections) connection.end(false);
  }

  /** Ends a connection after so many more bytes in this direction, wherever in a frame that is. */
  cutAfter(bytes: number, direction: Direction): void {
    this.#traps.push({ direction, spring: "cut", left: bytes });
  }

  /** Turns one bit of the byte that comes after so many more in this direction. */
  corruptAfter(bytes: number, direction: Direction): void {
    this.#traps.push({ direction, spring: "corrupt", left: bytes });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection.end(false);
    this.#server.close();
    await once(this.#server, "close");
  }

  #take(near: Socket): void {
    this.#taken += 1;
    if (this.#weather.kind === "refuse") {
      near.on("error", () => {});
      return void near.destroy();
    }
    const connection = new ProxiedConnection(near, connect(this.#targetPort, "127.0.0.1"), {
      weather: () => this.#weather,
      spring: (bytes, direction) => this.#spring(bytes, direction),
      onEnd: () => void this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  }

  /** Gives how many of the bytes may pass before the connection ends; all of them where it does not. */
  #spring(bytes: Buffer, direction: Direction): number {
    let passing = bytes.length;
    this.#traps = this.#traps.filter((trap) => {
      if (trap.direction !== direction) return true;
      if (trap.left >= bytes.length) {
        trap.left -= bytes.length;
        return true;
      }
      this.#sprung += 1;
      if (trap.spring === "cut") passing = Math.min(passing, trap.left);
      else bytes[trap.left]! ^= 0x04;
      return false;
    });
    return passing;
  }
}

interface ConnectionRules {
  readonly weather: () => Weather;
  readonly spring: (bytes: Buffer, direction: Direction) => number;
  readonly onEnd: () => void;
}

class ProxiedConnection {
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #rules: ConnectionRules;
  readonly #lost: Buffer[] = [];
  #ended = false;

  constructor(near: Socket, far: Socket, rules: ConnectionRules) {
    this.#near = near;
    this.#far = far;
    this.#rules = rules;
    for (const [from, to, direction] of [[near, far, "toServer"], [far, near, "toClient"]] as const) {
      from.setNoDelay(true);
      from.on("error", () => {});
      from.on("close", () => this.end(false));
      from.on("data", (bytes: Buffer) => this.#pass(bytes, from, to, direction));
    }
  }

  /** The weather has changed. */
  wake(): void {
    // A black hole keeps nothing: what fell into it is gone, and the stream cannot go on where it was.
    if (this.#lost.length > 0 && this.#rules.weather().kind !== "blackHole") this.end(true);
  }

  end(reset: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const socket of [this.#near, this.#far]) {
      if (reset) socket.resetAndDestroy();
      else socket.destroy();
    }
    this.#rules.onEnd();
  }

  #pass(bytes: Buffer, from: Socket, to: Socket, direction: Direction): void {
    const weather = this.#rules.weather();
    switch (weather.kind) {
      case "blackHole":
        this.#lost.splice(0, 1, bytes);
        return;
      case "delay":
        return void setTimeout(() => this.#write(bytes, from, to, direction), weather.ms);
      case "throttle":
        from.pause();
        return this.#writeSlowly(bytes, from, to, { direction, bytesPerSecond: weather.bytesPerSecond });
      default:
        return this.#write(bytes, from, to, direction);
    }
  }

  #write(bytes: Buffer, from: Socket, to: Socket, direction: Direction): void {
    if (this.#ended) return;
    const passing = this.#rules.spring(bytes, direction);
    if (passing < bytes.length) {
      to.write(bytes.subarray(0, passing), () => this.end(false));
      return;
    }
    if (to.write(bytes)) return;
    from.pause();
    to.once("drain", () => from.resume());
  }

  #writeSlowly(
    bytes: Buffer,
    from: Socket,
    to: Socket,
    way: { readonly direction: Direction; readonly bytesPerSecond: number },
  ): void {
    if (this.#ended) return;
    if (bytes.length === 0) return void from.resume();
    const portion = Math.max(1, Math.floor(way.bytesPerSecond * throttleTickMs / 1_000));
    this.#write(bytes.subarray(0, portion), from, to, way.direction);
    setTimeout(() => this.#writeSlowly(bytes.subarray(portion), from, to, way), throttleTickMs);
  }
}
