import { describe, expect, it } from 'vitest';
import { clientRows } from '../../src/model/client_telemetry';
import { bodyOf, draftOf, draftOfJson, emptyDraft, fieldOf, groupKeys, queryOf, thresholdsOf, withGroupKeys } from '../../src/model/monitor_draft';
import { bandsOf, handleSpot, joinTrials, readGroups, readHistory, readPreview, readTrial, unescapeHtml } from '../../src/model/monitor_history';
import { figure, fullIn, rate, readSystem } from '../../src/model/system';

const kMonitor = {
  id: 7, name: 'N', type: 'query alert', query: 'max(last_1m):max:m{env:prod} by {session_id} > 0.7', message: '@incident-x', tags: ['team:a', 'b'], priority: 2,
  overall_state: 'OK', created: 'x', assets: [{ name: 'r' }],
  options: { thresholds: { critical: 0.7, warning: 0.5 }, on_missing_data: 'resolve', renotify_interval: 30, odd_one: { a: 1 }, silenced: { '*': null } },
};

describe('a draft', () => {
  it('that nobody touched is the monitor it came from', () => {
    const body = bodyOf(draftOf(kMonitor));
    expect(body).toMatchObject({ name: 'N', type: 'query alert', query: kMonitor.query, tags: ['team:a', 'b'], priority: 2, assets: [{ name: 'r' }] });
    expect(body['options']).toMatchObject({ thresholds: { critical: 0.7, warning: 0.5 }, on_missing_data: 'resolve', renotify_interval: 30, odd_one: { a: 1 } });
    expect(body).not.toHaveProperty('overall_state');
    expect(body['options']).not.toHaveProperty('silenced');
    expect(draftOf(body)).toEqual({ ...draftOf(kMonitor), rest: draftOf(body).rest });
  });

  it('keeps every kind of query', () => {
    for (const [type, query] of [
      ['query alert', 'pct_change(avg(last_5m),last_30m):avg:q{*} by {service,model} < -20'],
      ['query alert', 'sum(last_10m):default_zero(sum:a{*} by {user_id}.as_count()) + default_zero(sum:b{*} by {user_id}.as_count()) > 3'],
      ['query alert', 'percentile(last_5m):p99:x{*} > 1'],
      ['composite', '1 && !(2 || 3)'],
      ['service check', '"a".over("*").by("host").last(4).count_by_status()'],
      ['event-v2 alert', 'events("source:x").rollup("count").last("5m") > 3'],
    ] as const) {
      expect(queryOf(draftOf({ type, query })), query).toBe(query);
      expect(bodyOf(draftOf({ type, query }))['type']).toBe(type);
    }
  });

  it('has one critical threshold: the field is the number in the query', () => {
    const draft = draftOf(kMonitor);
    draft.thresholds.critical = '0.9';
    expect(queryOf(draft)).toBe('max(last_1m):max:m{env:prod} by {session_id} > 0.9');
    expect(draftOf({ type: 'query alert', query: kMonitor.query }).thresholds.critical).toBe('0.7');
  });

  it('says null for what was emptied only when it updates, and sends what is no number as it is', () => {
    const draft = draftOf(kMonitor);
    draft.options.renotify_interval = '';
    draft.priority = '';
    expect(bodyOf(draft)['options']).not.toHaveProperty('renotify_interval');
    expect(bodyOf(draft, true)['options']).toMatchObject({ renotify_interval: null });
    expect(bodyOf(draft, true)['priority']).toBeNull();
    draft.options.timeout_h = 'soon';
    expect((bodyOf(draft)['options'] as Record<string, unknown>)['timeout_h']).toBe('soon');
  });

  it('reads JSON leniently, or says why not', () => {
    expect(draftOfJson('{')).toBeInstanceOf(Error);
    expect(draftOfJson('[1]')).toBeInstanceOf(Error);
    for (const odd of ['{}', '{"options":7,"tags":"x","query":null,"type":[],"message":{}}']) expect(draftOfJson(odd)).not.toBeInstanceOf(Error);
    expect(bodyOf(emptyDraft())['type']).toBe('query alert');
  });

  it('knows at which field an error stands', () => {
    expect(fieldOf('options.thresholds.warning: equals it')).toEqual({ field: 'thresholds.warning', text: 'equals it' });
    expect(fieldOf('query: column 3: expected')).toEqual({ field: 'query', text: 'column 3: expected' });
    expect(fieldOf('options.renotify_interval: expected 0')).toEqual({ field: 'renotify_interval', text: 'expected 0' });
    expect(fieldOf('monitor 3 is unknown')).toEqual({ field: 'other', text: 'monitor 3 is unknown' });
    expect(thresholdsOf('composite')).toEqual([]);
  });

  it('changes the keys of a single series and of nothing else', () => {
    expect(withGroupKeys('avg:m{*}', ['a', 'b'])).toBe('avg:m{*} by {a,b}');
    expect(withGroupKeys('avg:m{*} by {a}.as_count()', [])).toBe('avg:m{*}.as_count()');
    expect(withGroupKeys('a{*} / b{*}', ['x'])).toBeNull();
    expect(groupKeys('"c".over("*").by("host","url").last(2)')).toEqual(['host', 'url']);
  });
});

describe('history', () => {
  const t = (time: number, from: string, to: string, group = 'g') => ({ time, from, to, group });
  it('becomes bands without gaps, whatever the order and whatever lies outside', () => {
    const history = readHistory({ from: 0, to: 100, transitions: [t(60, 'Alert', 'OK'), t(20, 'OK', 'Alert'), t(40, 'Alert', 'Alert'), t(500, 'OK', 'Warn'), null, {}] });
    const [band] = bandsOf(history.transitions, 0, 100);
    expect(band?.segments).toEqual([{ from_s: 0, to_s: 20, state: 'OK' }, { from_s: 20, to_s: 60, state: 'Alert' }, { from_s: 60, to_s: 100, state: 'OK' }]);
    expect(band?.trouble_s).toBe(40);
    expect(bandsOf([], 0, 100)).toEqual([]);
  });
  it('puts those in trouble first', () => {
    const read = readHistory({ transitions: [t(10, 'OK', 'Alert', 'short'), t(12, 'Alert', 'OK', 'short'), t(10, 'OK', 'Alert', 'long')] });
    expect(bandsOf(read.transitions, 0, 100).map((one) => one.group)).toEqual(['long', 'short']);
  });
  it('of a trial comes in pieces that add up', () => {
    const piece = (triggered: number, complete: boolean) => readTrial({ complete, evaluations: 5, groups_total: 1, groups: [{ group: 'g', triggered, alert_s: 7, transitions: [{ time: 1, from: 'OK', to: 'Alert' }] }] });
    const whole = joinTrials(joinTrials(null, piece(1, false)), piece(2, true));
    expect(whole).toMatchObject({ complete: true, evaluations: 10, groups: [{ group: 'g', triggered: 3, alert_s: 14 }] });
    expect(whole.transitions).toHaveLength(2);
  });
  it('is read whatever comes', () => {
    for (const odd of [null, 7, [], { groups: 3, counts: [], transitions: 'x', handles: {} }]) {
      expect(readHistory(odd).transitions).toEqual([]);
      expect(readGroups(odd).groups).toEqual([]);
      expect(readTrial(odd).groups).toEqual([]);
      expect(readPreview(odd).handles).toEqual([]);
      expect(readSystem(odd).figures).toEqual([]);
    }
  });
});

describe('a message', () => {
  it('completes the handle at the cursor, and no address', () => {
    expect(handleSpot('to @inc', 7)).toEqual({ start: 3, end: 7, prefix: 'inc' });
    expect(handleSpot('@web-x y', 3)).toEqual({ start: 0, end: 6, prefix: 'we' });
    expect(handleSpot('mail a@b', 8)).toBeNull();
    expect(handleSpot('plain', 3)).toBeNull();
  });
  it('is unescaped once, so that nothing becomes markup twice', () => {
    expect(unescapeHtml('&lt;b&gt; &amp;lt;')).toBe('<b> &lt;');
  });
});

describe('the system', () => {
  it('has rates only between two readings of one process', () => {
    const reading = (time_s: number, value: number, started = 1) => ({ time_s, started, report: readSystem({ figures: [{ name: 'a', value }, { name: 'a', value: 1, tags: { x: 1 } }] }) });
    const of = (report: ReturnType<typeof readSystem>) => figure(report, 'a');
    expect(rate(reading(10, 25), reading(5, 5), of)).toBe(4);
    expect(rate(reading(10, 25, 2), reading(5, 5), of)).toBeNull();
    expect(rate(reading(10, 1), reading(5, 5), of)).toBeNull();
  });
  it('says when the disk is full only when it fills up', () => {
    const line = (slope: number) => Array.from({ length: 60 }, (_, i): [number, number] => [i * 60_000, 1e9 + slope * i * 60]);
    expect(fullIn(line(-1000), 1e6)).toBeCloseTo(1000, 0);
    expect(fullIn(line(1000), 1e6)).toBeNull();
    expect(fullIn(line(-1000).slice(0, 3), 1e6)).toBeNull();
    expect(fullIn([], 1)).toBeNull();
  });
});

describe('telemetry of DogStatsD clients', () => {
  it('is one row a client, who dropped most first', () => {
    const series = (name: string, client: string, value: number | null) => ({ metric: `datadog.dogstatsd.client.${name}`, tag_set: [`client:${client}`, 'client_version:1', 'client_transport:uds'], pointlist: [[0, value], [1, 2]] as [number, number | null][] });
    const rows = clientRows({ series: [series('metrics', 'py', 40), series('packets_dropped', 'nodejs', 1), series('metrics', 'nodejs', null), { metric: 'other' }] });
    expect(rows).toEqual([
      { client: 'nodejs', version: '1', transport: 'uds', metrics: 2, packets_sent: 0, packets_dropped: 3 },
      { client: 'py', version: '1', transport: 'uds', metrics: 42, packets_sent: 0, packets_dropped: 0 },
    ]);
    expect(clientRows(null)).toEqual([]);
  });
});
