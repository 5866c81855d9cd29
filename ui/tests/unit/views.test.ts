import { describe, expect, it } from 'vitest';
import { activityRange, readActivityPage, readErased, readErrorGroups, readSession, readUser } from '../../src/model/activity';
import { conversation, readDetections, textOf } from '../../src/model/conversation';
import { readProof } from '../../src/model/ingest_proof';
import { errorTone, kNodeHeight, kNodesDrawnMax, kNodeWidth, layoutMap, nodeName, perSecond, rateText, readServiceMap } from '../../src/model/service_map';
import { readSpan, type Span } from '../../src/model/span';
import { countsRequest, intervalFor, rangeBetween, readCounts } from '../../src/model/span_counts';

const call = (trace: string, id: string, at: number, said: string[], answer: string, more: object = {}, outer: object = {}): Span =>
  readSpan({
    trace_id: trace, span_id: id, start_ns: at, duration_ns: 10, name: 'chat', ...outer,
    llm: {
      kind: 'llm', tokens: { input: 10, output: 5 }, cost_usd: 0.1, price: 'p', scores: { injection: 0.1 },
      input: { messages: [{ role: 'system', content: 'rules' }, ...said.flatMap((text, i) => [...(i > 0 ? [{ role: 'assistant', content: 'earlier' }] : []), { role: 'user', content: text }])] },
      output: { messages: answer === '' ? [] : [{ role: 'assistant', content: answer }] }, ...more,
    },
  });
const step = (trace: string, id: string, at: number, kind: string, more: object = {}): Span =>
  readSpan({ trace_id: trace, span_id: id, start_ns: at, duration_ns: 5, name: kind, llm: { kind, scores: {}, ...more } });

describe('a conversation', () => {
  it('shows what is new in each turn, oldest first', () => {
    const turns = conversation([call('b', '3', 200, ['hello', 'and blue?'], 'yes'), call('a', '1', 100, ['hello'], 'hi')]);
    expect(turns.map((turn) => [turn.system, turn.asked && textOf(turn.asked), turn.answered.map(textOf)])).toEqual([
      ['rules', 'hello', ['hi']],
      ['', 'and blue?', ['yes']],
    ]);
  });
  it('is one turn for a call with its tools, and several for a trace that holds them all', () => {
    const turns = conversation([
      step('a', '1', 1, 'workflow', { input: { value: 'hello' } }), step('a', '2', 2, 'retrieval', { output: { documents: [{ name: 'd' }] } }),
      call('a', '3', 3, ['hello'], '', { output: { messages: [{ role: 'assistant', tool_calls: [{ name: 'f' }] }] } }), step('a', '4', 4, 'tool'), call('a', '5', 5, ['hello'], 'done'),
      call('a', '6', 6, ['hello', 'more'], 'ok'),
    ]);
    expect(turns).toHaveLength(2);
    expect(turns[0]?.steps.map((one) => one.what)).toEqual(['workflow workflow', 'retrieval retrieval', 'tool tool']);
    expect(turns[0]?.steps[1]?.documents[0]?.name).toBe('d');
    expect(turns[0]?.answered.map(textOf)).toEqual(['done']);
    expect(turns[0]).toMatchObject({ tokens: 30, cost_usd: 0.2, span_id: '5' });
    expect(turns[1]?.asked && textOf(turns[1].asked)).toBe('more');
  });
  it('counts money once and says when a price is unknown', () => {
    const turns = conversation([call('a', '1', 1, ['x'], 'y'), call('a', '2', 2, ['x'], 'y', { counted: false }), call('a', '3', 3, ['x'], 'y', { cost_usd: null, price: 'unknown' })]);
    expect(turns).toHaveLength(1);
    expect(turns[0]).toMatchObject({ cost_usd: 0.1, unpriced: 1, tokens: 30 });
  });
  it('shows what the server found with the calls it was found in', () => {
    const spans = [call('a', '1', 1, ['x'], 'y'), call('a', '2', 2, ['x'], 'y')];
    const found = readDetections([
      { trace_id: spans[0]?.trace_id, span_id: '1', severity: 'warn', text: 'Personal data 1: found' },
      { trace_id: spans[0]?.trace_id, span_id: '2', severity: 'bad', text: 'Prompt injection 0.90: refused', reasons: ['asks for the prompt'] },
      { trace_id: spans[0]?.trace_id, span_id: '9', severity: 'bad', text: 'chat failed' }, { text: 3 },
    ], spans);
    const [turn] = conversation(spans, found);
    expect(turn?.detections.map((one) => [one.tone, one.text, one.reasons])).toEqual([
      ['bad', 'Prompt injection 0.90: refused', ['asks for the prompt']], ['warn', 'Personal data 1: found', []],
    ]);
    expect(found.filter((one) => one.span === null)).toHaveLength(2);
  });
  it('survives turns without text', () => {
    const turns = conversation([readSpan({ trace_id: 'a', llm: {} }), readSpan({ trace_id: 'b' }), readSpan(null)]);
    expect(turns).toHaveLength(3);
    expect(turns[0]).toMatchObject({ asked: null, answered: [] });
    expect(conversation([])).toEqual([]);
  });
});

describe('sessions, users, errors', () => {
  it('survive anything', () => {
    for (const answer of [null, 3, [], {}, { sessions: {}, errors: 'x', turns: 7, summary: null }, [null]]) {
      expect(() => [readActivityPage(answer, 'sessions'), readSession(answer), readUser(answer), readErrorGroups(answer)]).not.toThrow();
    }
  });
  it('are read with and without a summary', () => {
    const flat = { id: 's', cost_usd: 1.5, unpriced_calls: 2, injection_max: 0.9, first_ns: 2e9, llm_calls: 3, turns: [] };
    expect(readSession(flat).summary).toMatchObject({ id: 's', cost_usd: 1.5, unpriced: 2, injection_max: 0.9, first_s: 2, llm_calls: 3 });
    expect(readSession({ session: flat }).summary.cost_usd).toBe(1.5);
    expect(readUser({ user: { id: 'u', sessions: 3 }, sessions: [flat] })).toMatchObject({ summary: { id: 'u', sessions: 3 }, sessions: [{ id: 's' }] });
    expect(readErased({ deleted: { spans: 3, texts: 0 }, rows: 3, note: 'n' })).toEqual({ rows: 3, tables: [['spans', 3]], note: 'n' });
    expect(readSession({ summary: flat, turns: [{ start_ns: 5 }, { start_ns: 2 }] }).turns.map((span) => span.start_ns)).toEqual([2, 5]);
    expect(readErrorGroups({ errors: [{ fingerprint: '18446744073709551615', sample_traces: ['a', { trace_id: 'b' }], last_seen_ns: 3e9 }] }).groups[0]).toMatchObject({ fingerprint: '18446744073709551615', traces: ['a', 'b'], last_s: 3 });
  });
});

describe('the time of a session', () => {
  it('is from its first to its last span, with some air', () => {
    const { summary } = readSession({ session: { id: 's', first_ns: 1_000_000_500_000_000, last_ns: 1_000_100_500_000_000 } });
    expect(activityRange(summary)).toEqual({ kind: 'fixed', from_s: 999_940, to_s: 1_000_161 });
    expect(activityRange(null)).toEqual({ kind: 'last', seconds: 86_400 });
  });
});

describe('the service map', () => {
  const map = (names: string, calls: string): ReturnType<typeof readServiceMap> =>
    readServiceMap({
      nodes: names.split('').map((service, i) => ({ service, requests: 100 - i, errors: 0 })),
      edges: calls.split(' ').filter(Boolean).map((call) => ({ from: call[0], to: call[1], requests: 5, errors: 1 })),
    });
  const xOf = (layout: ReturnType<typeof layoutMap>, service: string): number => layout.nodes.find((node) => node.service === service)?.x ?? NaN;
  it('has callers left of what they call', () => {
    const layout = layoutMap(map('abcd', 'ab bc ac cd'));
    const columns = ['a', 'b', 'c', 'd'].map((service) => xOf(layout, service));
    expect(columns).toEqual([...columns].sort((p, q) => p - q));
    expect(new Set(columns).size).toBe(4);
  });
  it('breaks rings at one call, and draws that one backwards', () => {
    const layout = layoutMap(map('abc', 'ab bc ca aa'));
    expect(layout.edges.map((edge) => [edge.from, edge.to, edge.backwards])).toEqual([['a', 'b', false], ['b', 'c', false], ['c', 'a', true]]);
  });
  it('puts no two boxes on each other and none outside', () => {
    let seed = 5;
    const next = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
    for (let round = 0; round < 30; round++) {
      const count = 2 + Math.floor(next() * 40);
      const names = Array.from({ length: count }, (_, i) => `s${i}`);
      const layout = layoutMap(readServiceMap({
        nodes: names.map((service) => ({ service, requests: Math.floor(next() * 100), errors: 0 })),
        edges: Array.from({ length: count * 2 }, () => ({ from: names[Math.floor(next() * count)], to: names[Math.floor(next() * count)], requests: 1 })),
      }));
      expect(layout.nodes).toHaveLength(count);
      layout.nodes.forEach((a, i) => {
        expect(a.x >= 0 && a.y >= 0 && a.x + kNodeWidth <= layout.width && a.y + kNodeHeight <= layout.height, `round ${round}`).toBe(true);
        for (const b of layout.nodes.slice(i + 1)) {
          const apart = Math.abs(a.x - b.x) >= kNodeWidth || Math.abs(a.y - b.y) >= kNodeHeight;
          expect(apart, `round ${round}: ${a.service} and ${b.service}`).toBe(true);
        }
      });
    }
  });
  it('breaks long names where words end, and cuts only what two lines do not hold', () => {
    const lines = (name: string): string[] => nodeName(name).lines;
    expect(lines('frontend')).toEqual(['frontend']);
    expect(lines('checkoutservice')).toEqual(['checkoutservice']);
    expect(lines('productcatalogservice')).toEqual(['productcatalog', 'service']);
    expect(lines('recommendationservice')).toEqual(['recommendation', 'service']);
    expect(lines('payments-api-gateway-europe')).toEqual(['payments-api-', 'gateway-europe']);
    expect(lines('RecommendationEngineWorker')).toEqual(['Recommendation', 'EngineWorker']);
    const long = lines('a-service-whose-name-says-everything-that-it-does-and-then-more');
    expect(long).toHaveLength(2);
    expect(long[1]).toMatch(/…$/);
    for (const odd of ['', '…', 'x'.repeat(200), '\u{1F600}'.repeat(60), 'W'.repeat(40), '価格'.repeat(30)]) {
      const name = nodeName(odd);
      expect(name.lines.length).toBeLessThanOrEqual(2);
      expect(() => encodeURIComponent(name.lines.join(''))).not.toThrow(); // no half of a letter
    }
  });
  it('draws the busiest of very many and says how many it left out', () => {
    const many = readServiceMap({ nodes: Array.from({ length: 500 }, (_, i) => ({ service: `s${i}`, requests: i })) });
    const layout = layoutMap(many);
    expect([layout.nodes.length, layout.left_out]).toEqual([kNodesDrawnMax, 500 - kNodesDrawnMax]);
    expect(layout.nodes.some((node) => node.service === 's499')).toBe(true);
  });
  it('survives anything, and knows services only named by a call', () => {
    for (const answer of [null, [], {}, { nodes: 'x', edges: {} }, { nodes: [null, {}], edges: [null, { from: 'a' }] }]) expect(layoutMap(readServiceMap(answer)).nodes).toEqual([]);
    expect(readServiceMap({ edges: [{ from: 'a', to: 'b' }] }).nodes.map((node) => node.service)).toEqual(['a', 'b']);
  });
  it('judges errors and says rates in a unit that shows them', () => {
    expect([errorTone(0, 0), errorTone(100, 0), errorTone(100, 1), errorTone(100, 5)]).toEqual(['none', 'good', 'warn', 'bad']);
    expect([12.34, 1.26, 0.5, 0.01, 0.0001, 0].map(rateText)).toEqual(['12/s', '1.3/s', '30/min', '36/h', '< 1/h', '0/s']);
    expect(perSecond(3600, readServiceMap({ from_ns: 1e9, to_ns: 3601e9 }), 1)).toBe(1);
    expect(perSecond(3600, readServiceMap({}), 3600)).toBe(1);
  });
});

describe('proof of ingestion', () => {
  it('reads rows and the gap, and finds what no column explains', () => {
    const proof = readProof({ spans: { rows: [{ client: 'python', version: '4', path: 'v0.4', received: 100, accepted: 90, stored: 85, queryable: 80, refused: 2, dropped: { duplicate: 6, zero_id: 3 } }], gap: { spans: 5, oldest_ms: 90000 } } });
    expect(proof?.gap).toEqual({ spans: 5, oldest_s: 90 });
    expect(proof?.rows[0]).toMatchObject({ dropped: [['duplicate', 6], ['zero_id', 3]], dropped_total: 9, on_its_way: 5, lost: 4 });
  });
  it('is absent from a server without spans, and survives anything', () => {
    expect(readProof({ paths: [] })).toBeNull();
    for (const spans of [3, 'x', [], {}, { rows: [null] }, { gap: null }]) expect(() => readProof({ spans })).not.toThrow();
  });
});

describe('spans over time', () => {
  const answer = { data: [
    { attributes: { by: { status: 'ok' }, computes: { c0: [{ time: '1970-01-01T00:16:40Z', value: 3 }, { time: '1970-01-01T00:17:00.000Z', value: 1 }] } } },
    { attributes: { by: { status: 'error' }, compute: { c0: [{ time: '1970-01-01T00:16:40Z', value: 2 }, { time: 'never', value: 9 }] } } },
  ] };
  it('are bars of the whole range, silence included', () => {
    const { bars, interval_s } = readCounts(answer, 1000, 1900);
    expect(interval_s).toBe(10);
    expect(bars).toHaveLength(90);
    expect(bars[0]).toEqual({ time_s: 1000, ok: 3, error: 2 });
    expect(bars[2]).toEqual({ time_s: 1020, ok: 1, error: 0 });
    expect(rangeBetween(0, 0, bars, 10)).toEqual({ from_s: 1000, to_s: 1010 });
    expect(rangeBetween(0.5, 0.1, bars, 10)).toEqual({ from_s: 1090, to_s: 1460 });
    expect(rangeBetween(-1, 9, bars, 10)).toEqual({ from_s: 1000, to_s: 1900 });
  });
  it('have few bars for any range', () => {
    for (const seconds of [60, 900, 3600, 86_400, 30 * 86_400]) expect(seconds / intervalFor(seconds)[1]).toBeLessThanOrEqual(90);
    expect(countsRequest(' ', 1, 2)).toMatchObject({ data: { attributes: { filter: { query: '*', from: '1000', to: '2000' } } } });
  });
  it('survive anything', () => {
    for (const bad of [null, {}, { data: 'x' }, { data: [null, { attributes: { computes: { c0: 5 } } }] }]) expect(readCounts(bad, 0, 600).bars.every((bar) => bar.ok + bar.error === 0)).toBe(true);
    expect(rangeBetween(0, 1, [], 10)).toBeNull();
  });
});
