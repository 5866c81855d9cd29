// A trace arrives as one JSON object whose `spans` may be tens of thousands. This reads it while it comes: every span is
// parsed as soon as its last brace is there, so the first rows stand on the page while the server still sends. Pure and
// incremental: feed it text in any cuts.
import type { Json } from './json';

const kQuote = 0x22;
const kBackslash = 0x5c;

export class TraceReader {
  private depth = 0;
  private inString = false;
  private escaped = false;
  private inSpans = false; // inside the array of the root's member "spans"
  private inElement = false;
  private pieces: string[] = []; // of the span under way
  private rest = ''; // everything outside the spans: the root object with an empty array in their place
  private unreadable = 0;

  // The spans that became complete with this piece.
  feed(text: string): unknown[] {
    const found: unknown[] = [];
    if (text === '') return found;
    let from = 0; // start of what is not yet given to `pieces` or `rest`
    let i = 0;
    if (this.inString) {
      i = this.endOfString(text, 0);
      if (i < 0) i = text.length;
    }
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === kQuote) {
        this.inString = true;
        this.escaped = false;
        const end = this.endOfString(text, i + 1);
        if (end < 0) break;
        i = end - 1;
      } else if (code === 0x7b || code === 0x5b) {
        if (this.inSpans && this.depth === 2 && !this.inElement) {
          this.inElement = true;
          from = i;
        }
        this.depth++;
        if (code === 0x5b && !this.inSpans && this.depth === 2 && /"spans"\s*:\s*$/.test(this.rest + text.slice(from, i))) {
          this.rest += text.slice(from, i + 1);
          from = i + 1;
          this.inSpans = true;
        }
      } else if (code === 0x7d || code === 0x5d) {
        this.depth--;
        if (this.inElement && this.depth === 2) {
          this.pieces.push(text.slice(from, i + 1));
          from = i + 1;
          this.inElement = false;
          this.take(found);
        } else if (this.inSpans && this.depth === 1) {
          this.inSpans = false;
          from = i; // the commas between spans are dropped
        }
      }
    }
    if (this.inElement) this.pieces.push(text.slice(from));
    else if (!this.inSpans) this.rest += text.slice(from);
    return found;
  }

  // The place behind the quote that ends the string which is open at `start`; −1 when it goes on in the next piece.
  private endOfString(text: string, start: number): number {
    let at = start;
    if (this.escaped && at < text.length) {
      this.escaped = false;
      at++;
    }
    for (let from = at; ; ) {
      const quote = text.indexOf('"', at);
      const end = quote < 0 ? text.length : quote;
      let backslashes = 0;
      while (end - backslashes > from && text.charCodeAt(end - backslashes - 1) === kBackslash) backslashes++;
      const escaped = backslashes % 2 === 1;
      if (quote < 0) {
        this.escaped = escaped;
        return -1;
      }
      at = quote + 1;
      if (escaped) {
        from = at;
        continue;
      }
      this.inString = false;
      return at;
    }
  }

  // The root object without its spans; null when the answer ended too early or is no object.
  end(): { root: Json; unreadable: number } | null {
    if (this.depth !== 0) return null;
    try {
      const root = JSON.parse(this.rest) as unknown;
      return typeof root === 'object' && root !== null && !Array.isArray(root) ? { root: root as Json, unreadable: this.unreadable } : null;
    } catch {
      return null;
    }
  }

  private take(found: unknown[]): void {
    const text = this.pieces.length === 1 ? (this.pieces[0] ?? '') : this.pieces.join('');
    this.pieces = [];
    try {
      found.push(JSON.parse(text));
    } catch {
      this.unreadable++; // one bad span is no reason to show nothing
    }
  }
}
