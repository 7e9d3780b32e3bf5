/** The lines of a page, empty where they stand in a block of code. */
export function withoutCode(text: string): string {
  let inside = false;
  return text.split("\n").map((line) => {
    const isFence = /^ *```/.test(line);
    if (isFence) inside = !inside;
    return isFence || inside ? "" : line;
  }).join("\n");
}
