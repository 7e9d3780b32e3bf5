/** Refuses options that are no numbers over 0; those left out are fine. @throws {TypeError} naming the option */
export function checkPositive<Options extends object>(
  options: Options,
  names: readonly (keyof Options & string)[],
): void {
  for (const name of names) {
    const value: unknown = options[name];
    if (value !== undefined && !(Number.isFinite(value) && value as number > 0)) {
      throw new TypeError(`Cannot use \`${name}\`: a number over 0 is wanted, current value is ${String(value)}`);
    }
  }
}
