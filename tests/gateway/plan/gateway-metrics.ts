import { HttpCaller } from "./http-caller.ts";

/** The numbers of a gateway's `/metrics`, by their lines' names. */
export class GatewayNumbers {
  readonly #lines: ReadonlyMap<string, number>;

  private constructor(text: string) {
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    this.#lines = new Map(lines.map((line) => {
      const space = line.lastIndexOf(" ");
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }));
  }

  /** Asks for them. */
  static async of(port: number): Promise<GatewayNumbers> {
    using caller = new HttpCaller(port, "127.0.0.250");
    const { status, body } = await caller.ask("/metrics");
    if (status !== 200) throw new Error(`No metrics but ${status} ${body}`);
    return new GatewayNumbers(body);
  }

  /** The sum of a metric's lines that have all of these labels; 0 where there is none. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    let sum = 0;
    for (const [line, value] of this.#lines) {
      const [metric = "", rest = ""] = line.split("{");
      if (metric === `messaging_gateway_${name}` && wanted.every((label) => rest.includes(label))) sum += value;
    }
    return sum;
  }
}
