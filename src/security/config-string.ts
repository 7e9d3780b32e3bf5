const encoder = new TextEncoder();

/**
 * A text as a double-quoted string of a nats-server configuration file: whatever it holds, it stays one string. All but
 * plain printable ASCII is written as bytes; in quotes the server looks up no variable (`conf/lex.go`).
 */
export function quoteConfigString(text: string): string {
  let quoted = "";
  for (const byte of encoder.encode(text)) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    quoted += plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `"${quoted}"`;
}
