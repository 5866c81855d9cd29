import { describe, expect, it } from 'vitest';
import { casesPath, readCases } from '../../src/model/cases';
import { changeBody, durationOf, incidentsPath, listedIncidents, openIncidents, readIncident, sortIncidents, splitSummary } from '../../src/model/incidents';
import { addSample, kSamplesMax, rateOf, readHealth, readIngestion, type Sample } from '../../src/model/ingestion';
import { readTimeline } from '../../src/model/timeline';

describe('incidents', () => {
  const data = (id: string, state: string, severity: string, created: string, resolved?: string) => ({
    id,
    type: 'incidents',
    attributes: { title: id, state, severity, created, resolved, fields: { attributed_to: { type: 'textarray', value: ['session_id:x'] } } },
  });
  const t = '2026-01-01T00:00:';
  it('read Datadog objects, and objects with almost nothing', () => {
    expect(readIncident(data('a', 'Active', 'SEV-1', `${t}00Z`))).toMatchObject({ open: true, attributed: ['session_id:x'], severity: 'SEV-1' });
    expect(readIncident({ id: 'b', type: 'incidents' })).toMatchObject({ open: true, title: 'Untitled incident', attributed: [] });
    const single = readIncident({ id: 'c', type: 'incidents', attributes: { fields: { attributed_to: { type: 'textbox', value: 'user_id:y' }, state: { value: 'resolved' } } } });
    expect(single).toMatchObject({ open: false, attributed: ['user_id:y'] });
  });
  it('are sorted open first, worst first, newest first', () => {
    const list = [data('old', 'resolved', 'SEV-1', `${t}01Z`), data('mild', 'active', 'SEV-3', `${t}09Z`), data('bad', 'active', 'SEV-1', `${t}02Z`), data('worse', 'stable', 'SEV-1', `${t}03Z`)];
    expect(sortIncidents(list.map(readIncident)).map((i) => i.id)).toEqual(['worse', 'bad', 'mild', 'old']);
    expect(openIncidents({ data: list })).toHaveLength(3);
    expect(openIncidents(null)).toEqual([]);
  });
  it('last until now or until their end', () => {
    const opened_s = Date.parse(`${t}00Z`) / 1000;
    expect(durationOf(readIncident(data('a', 'active', 'SEV-1', `${t}00Z`)), opened_s + 9)).toBe(9);
    expect(durationOf(readIncident(data('a', 'resolved', 'SEV-1', `${t}00Z`, `${t}05Z`)), opened_s + 9)).toBe(5);
  });
  it('name every tag of a group, and the monitor', () => {
    const attributes = { monitor_id: 7, fields: { attributed_to: { value: 'service:a,model:b,c,user_id:x' } } };
    expect(readIncident({ id: 'a', type: 'incidents', attributes })).toMatchObject({
      attributed: ['service:a', 'model:b,c', 'user_id:x'],
      monitor_id: '7',
    });
  });
  it('are resolved by setting the field state', () => {
    expect(changeBody('a', { state: 'resolved' })).toEqual({
      data: { id: 'a', type: 'incidents', attributes: { fields: { state: { type: 'dropdown', value: 'resolved' } } } },
    });
    expect(changeBody('a', { commander: '' })).toMatchObject({ data: { relationships: { commander_user: { data: null } } } });
  });
  it('are narrowed by the server, and a quotation mark cannot leave its word', () => {
    expect(incidentsPath({ severity: '', service: '', text: '' }, 0)).toBe('/api/v2/incidents?page[size]=100&page[offset]=0');
    const path = incidentsPath({ severity: 'SEV-1', service: 'a" OR "b', text: '' }, 100);
    expect(new URL(path, 'http://x').searchParams.get('query')).toBe('severity:SEV-1 service:"a  OR  b"');
    expect(listedIncidents({ data: { attributes: { incidents: [{ data: data('a', 'active', 'SEV-1', `${t}00Z`) }, {}] } } }).map((i) => i.id)).toEqual(['a']);
  });
});

describe('cases', () => {
  it('are read from Datadog objects, and from almost nothing', () => {
    const answer = {
      data: [
        { id: 'u', attributes: { key: 'CASE-1', title: 't', status: 'CLOSED', priority: 'P2', attributes: { service: ['a'] } }, relationships: { assignee: { data: { id: 'ada' } } } },
        { id: 'v' },
        7,
      ],
      meta: { page: { total: 9 } },
    };
    const { cases, total } = readCases(answer);
    expect(total).toBe(9);
    expect(cases).toHaveLength(2);
    expect(cases[0]).toMatchObject({ key: 'CASE-1', assignee: 'ada', services: ['a'], archived: false });
    expect(cases[1]).toMatchObject({ key: 'v', status: 'OPEN', priority: 'NOT_DEFINED' });
    expect(readCases(null)).toEqual({ cases: [], total: 0 });
  });
  it('are asked for by what the filters say', () => {
    const path = casesPath({ status: 'OPEN', priority: 'P1', text: 'x"y', archived: true }, 2);
    expect(new URL(path, 'http://x').searchParams.get('filter')).toBe('status:OPEN priority:P1 archived:true title:"x y"');
  });
});

describe('summary', () => {
  it('has what, why and next', () => {
    const next = '1. look\n\n2. Why: not\n\nWhat: x\n\nWhy: y';
    expect(splitSummary(`What: it (k:v)\n\nWhy: value 1 > 0\n\nNext: ${next}`)).toEqual({ what: 'it (k:v)', why: 'value 1 > 0', next });
    expect(splitSummary('What: it\n\nWhy: because')).toEqual({ what: 'it', why: 'because', next: '' });
    expect(splitSummary('What: it\n\nNext: go')).toEqual({ what: 'it', why: '', next: 'go' });
  });
  it('of a person is all what', () => {
    expect(splitSummary('The shop is down.\n\nWhy: unknown')).toEqual({ what: 'The shop is down.\n\nWhy: unknown', why: '', next: '' });
  });
});

describe('timeline', () => {
  it('reads entries in either shape, oldest first', () => {
    const flat = { id: 2, time_s: 200, kind: 'transition', content: 'called', data: { from: 'OK', to: 'Alert', value: 1 } };
    const wrapped = { id: '1', attributes: { time: '1970-01-01T00:01:40Z', kind: 'note', content: { content: 'hello' } } };
    const entries = readTimeline({ data: [flat, wrapped] });
    expect(entries.map((e) => [e.key, e.time_s, e.text])).toEqual([['1', 100, 'hello'], ['2', 200, 'called']]);
    expect(entries[1]).toMatchObject({ from: 'OK', to: 'Alert' });
  });
  it('survives what is not one', () => {
    for (const answer of [null, {}, { data: 'x' }, { data: [null] }]) expect(() => readTimeline(answer)).not.toThrow();
  });
});

describe('ingestion', () => {
  it('reads lists and maps alike', () => {
    const list = readIngestion({ paths: [{ path: 'dogstatsd', events_in: 5, errors: { decode: 2, empty: 0 } }] });
    const map = readIngestion({ paths: { dogstatsd: { events_in: 5, errors: { decode: 2 } } } });
    expect(list.paths).toEqual(map.paths);
    expect(list.paths[0]).toMatchObject({ label: 'DogStatsD', events_in: 5, errors: [['decode', 2]], errors_total: 2, discarded: 0 });
  });
  it('lists refused metrics, most first', () => {
    expect(readIngestion({ contexts: { active: 3, refused: { a: 1, b: 7, c: 0 } } }).refused).toEqual([
      { metric: 'b', refused: 7 },
      { metric: 'a', refused: 1 },
    ]);
  });
  it('survives answers of another shape', () => {
    for (const answer of [null, [], 'x', { paths: 3 }, { contexts: [] }]) expect(readIngestion(answer).paths).toEqual([]);
  });
  it('reads health, unwell parts first', () => {
    const health = readHealth({ status: 'degraded', checks: { journal: { status: 'ok' }, store: { status: 'failing', reason: 'engine down' } } });
    expect(health.state).toBe('degraded');
    expect(health.parts[0]).toEqual({ name: 'store', state: 'failing', reason: 'engine down' });
    expect(readHealth({ status: 'ok' })).toEqual({ state: 'ok', parts: [] });
    expect(readHealth(null).state).toBe('unknown');
  });
});

describe('rates', () => {
  const reading = (events_in: number) => readIngestion({ paths: [{ path: 'p', events_in }] });
  const after = (...readings: [time_s: number, events: number][]): Sample[] =>
    readings.reduce<Sample[]>((samples, [time_s, events]) => addSample(samples, reading(events), time_s), []);
  it('need two readings', () => {
    expect(rateOf(after([0, 10]), 'p', 'events_in')).toBeNull();
    expect(rateOf(after([0, 10], [5, 60]), 'p', 'events_in')).toBe(10);
    expect(rateOf(after([0, 10], [5, 60]), 'other', 'events_in')).toBeNull();
  });
  it('look back half a minute', () => {
    expect(rateOf(after([0, 0], [100, 1000], [120, 1020]), 'p', 'events_in')).toBe(1);
  });
  it('forget what was before a restart', () => {
    expect(rateOf(after([0, 1000], [5, 10], [10, 20]), 'p', 'events_in')).toBe(2);
    expect(rateOf(after([0, 1000], [5, 10]), 'p', 'events_in')).toBeNull();
  });
  it('keep few readings', () => {
    const many = Array.from({ length: 100 }, (_, i): [number, number] => [i * 5, i]);
    expect(after(...many)).toHaveLength(kSamplesMax);
  });
});
