// Server-sent events, parsed by hand from a fetch body: EventSource cannot send the key headers. Pure and incremental:
// feed it text in any cuts, it answers the complete events.

export interface ServerEvent {
  event: string; // "message" when the server names none
  data: string;
}

// One event larger than this is not ours: the buffer is dropped and the stream goes on at the next blank line.
const kEventCharsMax = 1 << 20;

export class EventParser {
  private buffer = '';

  feed(text: string): ServerEvent[] {
    this.buffer += text;
    // A carriage return at the very end may be the first half of CR LF: wait for the other half.
    const held = this.buffer.endsWith('\r') ? '\r' : '';
    const ready = held === '' ? this.buffer : this.buffer.slice(0, -1);
    const blocks = ready.replace(/\r\n?/g, '\n').split('\n\n');
    this.buffer = (blocks.pop() ?? '') + held;
    if (this.buffer.length > kEventCharsMax) this.buffer = '';
    return blocks.map(parseBlock).filter((event) => event !== null);
  }
}

function parseBlock(block: string): ServerEvent | null {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === 0 || line === '') continue; // a comment: the server's keep-alive
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  }
  return data.length === 0 && event === 'message' ? null : { event, data: data.join('\n') };
}
