// Text that came in telemetry, made safe to read. It is always a text node, never markup; here it also loses the power to
// look like something else: characters that are invisible, that turn the reading direction round or that control a
// terminal are written out as ⟨U+202E⟩. Runs of Unicode tag characters (text that a model reads and a person does not see)
// are decoded, because that is what somebody was told in secret.

// Joiners (U+200C, U+200D) and variation selectors 1–16 stay: emoji and several scripts need them.
const kUnseen =
  /[\u{e0000}-\u{e007f}]+|[\u{e0100}-\u{e01ef}]+|([\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb])\1*/gu;

const kDecodedMax = 2000;

export function visibleText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(kUnseen, spellOut);
}

function spellOut(run: string): string {
  const codes = Array.from(run, (c) => c.codePointAt(0) ?? 0);
  const first = codes[0] ?? 0;
  if (first >= 0xe0000 && first <= 0xe007f) {
    const said = codes.map((code) => (code >= 0xe0020 && code <= 0xe007e ? String.fromCharCode(code - 0xe0000) : '')).join('');
    return said === '' ? name(first, codes.length) : `⟨hidden text: ${said.slice(0, kDecodedMax)}⟩`;
  }
  return name(first, codes.length);
}

function name(code: number, times: number): string {
  const hex = code.toString(16).toUpperCase().padStart(4, '0');
  return times === 1 ? `⟨U+${hex}⟩` : `⟨U+${hex} ×${times}⟩`;
}

// At most `max` UTF-16 units, not cutting a pair in half.
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const code = text.charCodeAt(max - 1);
  return text.slice(0, code >= 0xd800 && code < 0xdc00 ? max - 1 : max);
}

export const kLabelCharsMax = 200;

// For names, tags and titles: one line, short, with an ellipsis where it was cut.
export function labelText(text: string, max = kLabelCharsMax): string {
  const cut = cutText(text, max);
  const line = visibleText(cut).replace(/[\s\u00a0]+/g, ' ').trim();
  return cut.length < text.length ? `${line}…` : line;
}

// Pieces for display: a browser lays out many short lines faster than one of a megabyte.
export const kPieceChars = 20_000;

export function textPieces(text: string): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; ) {
    const piece = cutText(text.slice(at, at + kPieceChars + 1), kPieceChars);
    pieces.push(piece);
    at += piece.length;
  }
  return pieces;
}

// JSON as indented text; anything else as it is.
export function prettyJson(text: string): string {
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed) || trimmed.length > kPrettyCharsMax) return text;
  try {
    return JSON.stringify(JSON.parse(trimmed), null, 2);
  } catch {
    return text;
  }
}

const kPrettyCharsMax = 200_000;
