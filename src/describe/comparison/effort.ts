/** A comparison would take longer than someone waits for it. */
export class TooMuchEffort extends Error {}

/** About a second's work: descriptions come from elsewhere, and small ones can be made that never end. */
const maximumEffort = 30_000_000;

/** What one comparison of two contracts may cost, counted in characters of schemas looked at. */
export class Effort {
  #spent = 0;

  /** Counts. @throws {TooMuchEffort} where it is too much in all */
  spend(amount: number): void {
    this.#spent += amount;
    if (this.#spent > maximumEffort) throw new TooMuchEffort();
  }
}
