/** Whether some subject matches both patterns. */
export function subjectsOverlap(one: string, other: string): boolean {
  const [first, second] = [one.split("."), other.split(".")];
  for (let index = 0;; index++) {
    const [left, right] = [first[index], second[index]];
    if (left === undefined || right === undefined) return left === right;
    if (left === ">" || right === ">") return true;
    if (left !== right && left !== "*" && right !== "*") return false;
  }
}
