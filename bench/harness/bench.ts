/** How long and how often is measured. */
export interface Plan {
  /** How often every contender has its turn. */
  readonly rounds: number;
  /** How long a turn takes, in milliseconds. */
  readonly durationMs: number;
  /** How long a contender runs before anything counts, in milliseconds. */
  readonly warmUpMs: number;
  /** Sizes of the parts that count instead of taking time, as a share of the whole. */
  readonly scale: number;
}

/** What a part measures with. */
export interface Bench extends Plan {
  /** Where the broker listens. */
  readonly brokerUrl: string;
  /** The entry of the built library, as a URL. */
  readonly library: string;
  /** Says what is going on. */
  readonly say: (text: string) => void;
}

/** The plan of a measurement that is worth showing. */
export const fullPlan: Plan = {
  rounds: 7,
  durationMs: 2_000,
  warmUpMs: 3_000,
  scale: 1,
};

/** The plan of a smoke run, whose figures mean little. */
export const quickPlan: Plan = {
  rounds: 2,
  durationMs: 200,
  warmUpMs: 200,
  scale: 0.02,
};
