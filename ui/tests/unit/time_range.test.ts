import { describe, expect, it } from 'vitest';
import { readQueryState, writeQueryState, kQueryCharsMax } from '../../src/model/query_state';
import { formatDurationCode, localText, parseDuration, parseRange, rangeOfText, resolveRange } from '../../src/model/time_range';

describe('durations', () => {
  it('read number and unit', () => {
    expect(parseDuration('15m')).toBe(900);
    expect(parseDuration('4h')).toBe(14400);
    expect(parseDuration('1d')).toBe(86400);
    expect(parseDuration(' 2W ')).toBe(1209600);
  });
  it('refuse everything else', () => {
    for (const text of ['', 'm', '15', '1.5h', '-1h', '5 m', '59s', '401d', '9999999h', '1y']) expect(parseDuration(text)).toBeNull();
  });
  it('come back as the largest whole unit', () => {
    for (const code of ['15m', '1h', '90m', '1d', '1w']) expect(formatDurationCode(parseDuration(code) ?? 0)).toBe(code);
    expect(formatDurationCode(61)).toBe('61s');
  });
});

describe('ranges', () => {
  it('prefer an absolute range over a relative one', () => {
    expect(parseRange(new URLSearchParams('range=1h&from=1700000000&to=1700003600'))).toEqual({
      kind: 'fixed',
      from_s: 1700000000,
      to_s: 1700003600,
    });
  });
  it('take milliseconds as well', () => {
    expect(parseRange(new URLSearchParams('from=1700000000123&to=1700003600999'))).toEqual({
      kind: 'fixed',
      from_s: 1700000000,
      to_s: 1700003600,
    });
  });
  it('fall back to the last hour on nonsense', () => {
    for (const text of ['', 'range=x', 'from=5&to=6', 'from=1700003600&to=1700000000', 'from=1700000000']) {
      expect(parseRange(new URLSearchParams(text))).toEqual({ kind: 'last', seconds: 3600 });
    }
  });
  it('resolve against the clock', () => {
    expect(resolveRange({ kind: 'last', seconds: 60 }, 1000)).toEqual({ from_s: 940, to_s: 1000 });
    expect(resolveRange({ kind: 'fixed', from_s: 1, to_s: 2 }, 1000)).toEqual({ from_s: 1, to_s: 2 });
  });
});

describe('query state', () => {
  it('survives the URL, whatever the query holds', () => {
    for (const query of ['avg:a.b{*} by {k}', 'a{x:y&z}+b{*}%2', "top(m{*}, 5, 'max', 'desc')", 'm{k:größe}', '<img src=x>']) {
      const state = { query, range: { kind: 'last', seconds: 900 } as const };
      expect(readQueryState(writeQueryState(state))).toEqual(state);
    }
  });
  it('is empty when there is nothing to say', () => {
    expect(writeQueryState({ query: ' ', range: { kind: 'last', seconds: 3600 } })).toBe('');
  });
  it('bounds the query', () => {
    expect(readQueryState(`?q=${'x'.repeat(100000)}`).query).toHaveLength(kQueryCharsMax);
  });
});

describe('a range typed by a person', () => {
  it('is there and back in their own zone', () => {
    for (const time_s of [1_700_000_000, 1_719_999_999, 1_774_746_123]) {
      expect(rangeOfText(localText(time_s), localText(time_s + 60))).toEqual({ kind: 'fixed', from_s: time_s, to_s: time_s + 60 });
    }
  });
  it('is nothing when it makes no sense', () => {
    for (const [from, to] of [['', ''], ['x', 'y'], ['2026-01-02T00:00', '2026-01-01T00:00'], ['2026-01-01T00:00', '2026-01-01T00:00'], ['1999-01-01T00:00', '2026-01-01T00:00']] as const) {
      expect(rangeOfText(from, to)).toBeNull();
    }
    expect(localText(NaN)).toBe('');
  });
});
