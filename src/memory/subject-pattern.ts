/** Tells whether tokens fit a pattern's: `*` for one token and a last `>` for one or more. */
export function tokensMatch(wanted: readonly string[], tokens: readonly string[]): boolean {
  for (const [index, token] of wanted.entries()) {
    if (token === ">") return tokens.length > index;
    if (index >= tokens.length || (token !== "*" && token !== tokens[index])) return false;
  }
  return wanted.length === tokens.length;
}
