// The server answers a wrong query with the column and what it expected there: `column 12: expected a tag key`. Columns
// count bytes of UTF-8 from 1; the page shows the query with a caret under the character that holds that byte.

export interface QueryError {
  message: string; // what was expected, without the leading "column N:"
  column: number | null; // bytes from 1; null when the server names none
}

export function parseQueryError(text: string): QueryError {
  const match = /^(?:.{0,80}?\b)?column (\d{1,6})\s*[:,]\s*([\s\S]*)$/i.exec(text);
  if (!match) return { message: text, column: null };
  const lead = text.slice(0, text.toLowerCase().indexOf('column ')).replace(/[\s:,(]+$/, '');
  const message = (match[2] ?? '').trim();
  return { message: lead === '' ? message : `${lead}: ${message}`, column: Math.max(1, Number(match[1])) };
}

export interface CaretLines {
  text: string;
  caret: string;
}

// Two lines for a fixed-width font, at most `width` characters each: a window of the query around the column, with an
// ellipsis on cut sides, and a caret below it. A column past the end points just behind the last character, which is
// where "unexpected end" errors belong. Line breaks and tabs become spaces so that columns stay columns.
export function caretLines(query: string, column: number, width: number): CaretLines {
  const characters = Array.from(query, (c) => (/\s/.test(c) ? ' ' : c));
  const index = characterAt(query, column);
  if (characters.length + 1 <= width) {
    return { text: characters.join(''), caret: `${' '.repeat(index)}^` };
  }
  const room = Math.max(width - 2, 8); // one ellipsis each side
  const start = Math.min(Math.max(0, index - Math.floor(room / 2)), Math.max(0, characters.length + 1 - room));
  const end = Math.min(start + room, characters.length);
  const before = start > 0 ? '…' : '';
  const after = end < characters.length ? '…' : '';
  return {
    text: before + characters.slice(start, end).join('') + after,
    caret: `${' '.repeat(before.length + index - start)}^`,
  };
}

// Index into a JavaScript string (UTF-16) of a byte column: where to put the text cursor.
export function columnToIndex(query: string, column: number): number {
  return Array.from(query).slice(0, characterAt(query, column)).join('').length;
}

// Characters (code points) before the one that holds byte `column`; the number of characters when it is past the end.
function characterAt(query: string, column: number): number {
  let bytes = 0;
  let index = 0;
  for (const c of query) {
    const code = c.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes >= column) return index;
    index++;
  }
  return index;
}
