/** A function's name and place, as a profile has them; V8's own, such as the garbage collector, have no place. */
export function functionName({ functionName: name, url, lineNumber }) {
  const shown = name || "(anonymous)";
  return url === ""
    ? shown
    : `${shown} ${url.replace(/^.*\/(?:node_modules|dist|bench)\//, "")}:${
      lineNumber + 1
    }`;
}
