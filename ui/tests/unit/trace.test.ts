import { describe, expect, it } from 'vitest';
import { readSpan, spanError, spanTitle, type Span } from '../../src/model/span';
import { TraceReader } from '../../src/model/trace_stream';
import { buildTree, kNoFilter, rowOfSpan, spanAt, summarise, visibleRows } from '../../src/model/trace_tree';
import { axisTicks, barOf, kRowPx, rowsInSight, scrollToRow, windowAround } from '../../src/model/waterfall';

const span = (span_id: string, parent_id: string, start_ns: number, more: object = {}): Span =>
  readSpan({ span_id, parent_id, start_ns, duration_ns: 10, service: 'web', name: `n${span_id}`, ...more });
const ids = (tree: ReturnType<typeof buildTree>): string[] => Array.from(tree.order, (i) => tree.spans[i]?.span_id ?? '?');

describe('a streamed trace', () => {
  const spans = [
    { span_id: '1', meta: { a: 'quote " brace } bracket ] backslash \\', b: '\\"' } },
    { span_id: '2', llm: { input: '{"messages":[{"content":"é 👀 ]}"}]}' } },
    { span_id: '3', links: [[], {}, [{}]] },
  ];
  const text = JSON.stringify({ trace_id: 'ab"[', before: { spans: [1, 2] }, spans, complete: false, warnings: ['x'] });
  it('gives the same spans in any cuts', () => {
    for (const step of [1, 2, 3, 7, 64, 100_000]) {
      const reader = new TraceReader();
      const found: unknown[] = [];
      for (let i = 0; i < text.length; i += step) found.push(...reader.feed(text.slice(i, i + step)), ...reader.feed(''));
      expect(found).toEqual(spans);
      expect(reader.end()?.root).toEqual({ trace_id: 'ab"[', before: { spans: [1, 2] }, spans: [], complete: false, warnings: ['x'] });
    }
  });
  it('gives each span as soon as its last brace is there', () => {
    const reader = new TraceReader();
    expect(reader.feed('{"spans":[{"span_id":"1"},{"span_id"')).toEqual([{ span_id: '1' }]);
    expect(reader.feed(':"2"}')).toEqual([{ span_id: '2' }]);
  });
  it('that ends early or is something else has no end', () => {
    for (const bad of ['', '{"spans":[{"a":1}', '[1,2]', 'null', '<html>']) {
      const reader = new TraceReader();
      reader.feed(bad);
      expect(reader.end()).toBeNull();
    }
  });
  it('counts a span it cannot read and goes on', () => {
    const reader = new TraceReader();
    expect(reader.feed('{"spans":[{bad},{"span_id":"2"}]}')).toEqual([{ span_id: '2' }]);
    expect(reader.end()?.unreadable).toBe(1);
  });
});

describe('the rows of a trace', () => {
  it('stand depth first, siblings by start', () => {
    const tree = buildTree([span('4', '2', 40), span('3', '1', 30), span('1', '0', 0), span('2', '1', 20), span('5', '2', 25)]);
    expect(ids(tree)).toEqual(['1', '2', '5', '4', '3']);
    expect([...tree.depth]).toEqual([0, 1, 2, 2, 1]);
    expect([...tree.size]).toEqual([5, 3, 1, 1, 1]);
    expect([...tree.parentRow]).toEqual([-1, 0, 1, 1, 0]);
    expect([tree.start_ns, tree.end_ns]).toEqual([0, 50]);
  });
  it('keep orphans, rings, self-parents and duplicates, each once', () => {
    const tree = buildTree([span('a', 'b', 5), span('b', 'a', 6), span('c', 'gone', 1), span('d', 'd', 2), span('e', '0', 3), span('e', '0', 4), span('f', 'e', 9)]);
    expect(ids(tree).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'e', 'f']);
    expect(tree.orphans).toBe(1);
    expect(buildTree([]).order).toHaveLength(0);
  });
  it('of a very deep trace and of 33,000 spans are there quickly', () => {
    const deep = buildTree(Array.from({ length: 20_000 }, (_, i) => span(String(i + 1), String(i), i)));
    expect(deep.depth[19_999]).toBe(19_999);
    const wide = Array.from({ length: 33_000 }, (_, i) => span(String(i + 1), i === 0 ? '0' : String(1 + ((i * 7919) % i)), i));
    const start = performance.now();
    const tree = buildTree(wide);
    visibleRows(tree, new Set(), { ...kNoFilter, text: 'n777' });
    expect(performance.now() - start).toBeLessThan(1000);
    expect(tree.size[0]).toBe(33_000);
  });
  it('fold and filter', () => {
    const tree = buildTree([span('1', '0', 0), span('2', '1', 1), span('3', '2', 2, { error: 1 }), span('4', '1', 3)]);
    const shown = (collapsed: string[], filter = kNoFilter): (string | undefined)[] =>
      Array.from(visibleRows(tree, new Set(collapsed), filter).rows, (row) => spanAt(tree, row)?.span_id);
    expect(shown(['2'])).toEqual(['1', '2', '4']);
    expect(shown(['1'])).toEqual(['1']);
    expect(shown(['1'], { ...kNoFilter, errors: true })).toEqual(['1', '2', '3']);
    expect(shown([], { ...kNoFilter, text: 'nothing' })).toEqual([]);
    expect(visibleRows(tree, new Set(), { ...kNoFilter, text: 'N4' }).matches).toBe(1);
    expect(rowOfSpan(tree, '4')).toBe(3);
    expect(rowOfSpan(tree, '9')).toBe(-1);
  });
  it('name the failed span that says why', () => {
    const failed = buildTree([span('1', '0', 0, { error: 1 }), span('2', '1', 1, { error: 1 }), span('3', '2', 2, { error: 1, meta: { 'error.type': 'T' } }), span('4', '1', 3, { error: 1, meta: { 'error.type': 'U' } })]);
    expect(summarise(failed)).toMatchObject({ errors: 4, error_span: '3' });
    expect(summarise(buildTree([span('1', '0', 0)])).error_span).toBeNull();
  });
  it('sum up what a trace did', () => {
    const call = (cost_usd: number, more: object = {}): object => ({ llm: { kind: 'llm', tokens: { input: 10, output: 5 }, cost_usd, price: 'x', scores: { injection: cost_usd }, ...more } });
    const tree = buildTree([
      span('1', '0', 0, { resource: 'GET /', session_id: 's' }), span('2', '1', 1, call(0.5)), span('3', '1', 2, call(0.9, { counted: false })),
      span('4', '1', 3, call(-1, { price: 'unknown' })), span('5', '1', 4, { error: 1, service: 'db' }),
    ]);
    expect(summarise(tree)).toMatchObject({
      spans: 5, errors: 1, error_span: '5', llm_calls: 2, tokens: 30, cost_usd: 0.5, unpriced: 1, title: 'GET /', session_id: 's',
      injection: { score: 0.9, span_id: '3' }, services: [['web', 4], ['db', 1]],
    });
  });
});

describe('a span', () => {
  it('survives anything', () => {
    for (const value of [null, 3, 'x', [], { llm: 'x', meta: [], links: '{', events: 'nope', error: 'yes', duration_ns: -5 }, { llm: { tokens: 3, scores: null, input: 7, error: [] } }]) {
      expect(readSpan(value).duration_ns).toBe(0);
    }
  });
  it('finds its error wherever the client wrote it', () => {
    expect(spanError(readSpan({ error: 1, meta: { 'error.type': 'T', 'error.message': 'M', 'error.stack': 'S' } }))).toEqual({ type: 'T', message: 'M', stack: 'S' });
    expect(spanError(readSpan({ llm: { error_type: 'T', error_message: 'M', error_stack: 'S' } }))).toEqual({ type: 'T', message: 'M', stack: 'S' });
    expect(spanTitle(readSpan({ name: 'n', resource: '' }))).toBe('n');
  });
  it('reads texts that are JSON, and attribution from tags', () => {
    const read = readSpan({ meta: { 'usr.id': 'u', session_id: 's' }, links: '[{"trace_id":"t","span_id":"9"}]', events: '[{"name":"e","time_unix_nano":5}]', error_fingerprint: '0' });
    expect(read).toMatchObject({ user_id: 'u', session_id: 's', links: [{ trace_id: 't', span_id: '9' }], events: [{ name: 'e', time_ns: 5 }], error_fingerprint: '' });
  });
});

describe('the waterfall', () => {
  it('draws rows in sight and a few more', () => {
    const { first, last } = rowsInSight(33_000, 1000 * kRowPx, 20 * kRowPx);
    expect(first).toBeLessThanOrEqual(1000);
    expect(last).toBeGreaterThanOrEqual(1020);
    expect(last - first).toBeLessThan(60);
    expect(rowsInSight(3, 9_000_000, 500)).toEqual({ first: 3, last: 3 });
  });
  it('scrolls only when it must', () => {
    expect(scrollToRow(5, 0, 10 * kRowPx)).toBe(0);
    expect(scrollToRow(12, 0, 10 * kRowPx)).toBe(3 * kRowPx);
    expect(scrollToRow(2, 5 * kRowPx, 10 * kRowPx)).toBe(2 * kRowPx);
  });
  it('places and clips bars', () => {
    const window = { from_ns: 100, to_ns: 200 };
    expect(barOf(120, 30, window)).toEqual({ left: 0.2, width: 0.3, outside: null });
    expect(barOf(50, 100, window)).toEqual({ left: 0, width: 0.5, outside: null });
    expect(barOf(0, 10, window).outside).toBe('before');
    expect(barOf(300, 10, window).outside).toBe('after');
    expect(windowAround(120, 0, window)).toEqual({ from_ns: 100, to_ns: 200 });
  });
  it('has round ticks', () => {
    expect(axisTicks({ from_ns: 0, to_ns: 1000 }, 0).map((tick) => tick.offset_ns)).toEqual([0, 500]);
    expect(axisTicks({ from_ns: 130, to_ns: 530 }, 100).map((tick) => tick.offset_ns)).toEqual([100, 200, 300, 400]);
    expect(axisTicks({ from_ns: 5, to_ns: 5 }, 0)).toEqual([]);
  });
});
