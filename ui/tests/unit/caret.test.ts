import { describe, expect, it } from 'vitest';
import { caretLines, columnToIndex, parseQueryError } from '../../src/model/caret';

describe('parseQueryError', () => {
  it('takes the column out of the text', () => {
    expect(parseQueryError("column 12: expected '}' or ','")).toEqual({ column: 12, message: "expected '}' or ','" });
  });
  it('keeps what stands before it', () => {
    expect(parseQueryError('planning query: column 3: unknown function')).toEqual({
      column: 3,
      message: 'planning query: unknown function',
    });
  });
  it('leaves a text without a column alone', () => {
    expect(parseQueryError('too many series')).toEqual({ column: null, message: 'too many series' });
    expect(parseQueryError('no such column: x')).toEqual({ column: null, message: 'no such column: x' });
  });
});

describe('caretLines', () => {
  const under = (query: string, column: number, width = 72): string => {
    const { text, caret } = caretLines(query, column, width);
    return Array.from(text)[caret.length - 1] ?? '';
  };
  it('puts the caret under the column', () => {
    expect(caretLines('avg:m{*} by x', 13, 72)).toEqual({ text: 'avg:m{*} by x', caret: '            ^' });
  });
  it('points behind the last character at an unexpected end', () => {
    expect(caretLines('avg:m', 6, 72).caret).toBe('     ^');
    expect(caretLines('avg:m', 99, 72).caret).toBe('     ^');
    expect(caretLines('', 1, 72)).toEqual({ text: '', caret: '^' });
  });
  it('counts bytes, as the server does', () => {
    expect(under('m{k:größe,!}', 13)).toBe('!'); // ö and ß take two bytes each
    expect(under('m{k:😀,!}', 10)).toBe('!'); // four bytes
    expect(columnToIndex('m{k:😀,!}', 10)).toBe(7); // and two places in a JavaScript string
  });
  it('shows a window of a long query, at every column and width', () => {
    const query = Array.from({ length: 500 }, (_, i) => String.fromCharCode(33 + (i % 90))).join('');
    for (const width of [24, 40, 72]) {
      for (let column = 1; column <= 501; column++) {
        const { text, caret } = caretLines(query, column, width);
        expect(Array.from(text).length).toBeLessThanOrEqual(width);
        if (column <= 500) expect(Array.from(text)[caret.length - 1]).toBe(query[column - 1]);
      }
    }
  });
  it('makes line breaks spaces, so that columns stay columns', () => {
    expect(caretLines('a\n\tb', 4, 72).text).toBe('a  b');
  });
});
