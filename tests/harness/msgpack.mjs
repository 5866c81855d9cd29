// A small MessagePack writer for tests that make trace payloads by hand: what a tracer sends, and what none should.
// Numbers that are whole are integers, others float64; a bigint is an unsigned or signed 64-bit integer; a Buffer is a
// binary; a Map or an object a map.

class Raw {
  constructor(bytes) { this.bytes = bytes; }
}

// Bytes that go out as they are, in the place of a value.
export const raw = (...parts) => new Raw(Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part)))));

export class Float {
  constructor(value) { this.value = value; }
}

const int = (byte, size, write) => {
  const out = Buffer.alloc(size + 1);
  out[0] = byte;
  write(out);
  return out;
};

export function header(kind, length) {
  const [fix, fixMax, small, large] = { array: [0x90, 15, 0xdc, 0xdd], map: [0x80, 15, 0xde, 0xdf] }[kind];
  if (length <= fixMax) return Buffer.from([fix | length]);
  return length < 65_536 ? int(small, 2, (out) => out.writeUInt16BE(length, 1)) : int(large, 4, (out) => out.writeUInt32BE(length, 1));
}

function text(value) {
  const bytes = Buffer.from(value);
  if (bytes.length < 32) return [Buffer.from([0xa0 | bytes.length]), bytes];
  if (bytes.length < 65_536) return [int(0xda, 2, (out) => out.writeUInt16BE(bytes.length, 1)), bytes];
  return [int(0xdb, 4, (out) => out.writeUInt32BE(bytes.length, 1)), bytes];
}

function number(value) {
  if (value instanceof Float || !Number.isInteger(value)) {
    return int(0xcb, 8, (out) => out.writeDoubleBE(value instanceof Float ? value.value : value, 1));
  }
  if (value >= 0 && value < 128) return Buffer.from([value]);
  if (value >= 0 && value < 2 ** 32) return int(0xce, 4, (out) => out.writeUInt32BE(value, 1));
  return big(BigInt(value));
}

function big(value) {
  return value >= 0n ? int(0xcf, 8, (out) => out.writeBigUInt64BE(value, 1)) : int(0xd3, 8, (out) => out.writeBigInt64BE(value, 1));
}

function write(value, out) {
  if (value instanceof Raw) out.push(value.bytes);
  else if (value === null || value === undefined) out.push(Buffer.from([0xc0]));
  else if (value === true || value === false) out.push(Buffer.from([value ? 0xc3 : 0xc2]));
  else if (typeof value === 'bigint') out.push(big(value));
  else if (typeof value === 'number' || value instanceof Float) out.push(number(value));
  else if (typeof value === 'string') out.push(...text(value));
  else if (value instanceof Uint8Array) out.push(int(0xc6, 4, (head) => head.writeUInt32BE(value.length, 1)), value);
  else if (Array.isArray(value)) {
    out.push(header('array', value.length));
    for (const one of value) write(one, out);
  } else {
    const entries = value instanceof Map ? [...value] : Object.entries(value).filter(([, inner]) => inner !== undefined);
    out.push(header('map', entries.length));
    for (const [key, inner] of entries) {
      write(key, out);
      write(inner, out);
    }
  }
}

export function encode(value) {
  const out = [];
  write(value, out);
  return Buffer.concat(out);
}
