import { describe, expect, it } from 'vitest';
import { downtimeBody, mutesOf, readDowntimes, ruleWords } from '../../src/model/downtimes';
import type { Monitor } from '../../src/api/types';
import { chartQuery, isSingleSeries, narrowScope, splitMonitorQuery, windowText } from '../../src/model/monitor_query';
import { compareMonitors, countStates, filterGroups, groupRows, groupSummary, lastChange, pageOf, readState } from '../../src/model/monitors';

describe('splitMonitorQuery', () => {
  it('takes the frame off', () => {
    expect(splitMonitorQuery('max(last_1m):max:llm.score{*} by {session_id} > 0.7')).toEqual({
      aggregator: 'max',
      window: 'last_1m',
      window_s: 60,
      expression: 'max:llm.score{*} by {session_id}',
      comparator: '>',
      threshold: 0.7,
      isChange: false,
    });
  });
  it('reads change queries, nested frames and negative thresholds', () => {
    const parts = splitMonitorQuery('pct_change(avg(last_5m),last_30m):avg:q{*} by {service,model} < -20');
    expect(parts).toMatchObject({ aggregator: 'pct_change', window_s: 300, comparator: '<', threshold: -20, isChange: true });
    expect(parts?.expression).toBe('avg:q{*} by {service,model}');
  });
  it('keeps comparisons inside the expression', () => {
    const parts = splitMonitorQuery('sum(last_10m):default_zero(sum:a{*}.as_count()) + default_zero(sum:b{*}.as_count()) >= 3');
    expect(parts?.expression).toBe('default_zero(sum:a{*}.as_count()) + default_zero(sum:b{*}.as_count())');
    expect(parts?.comparator).toBe('>=');
  });
  it('answers null for what it does not know', () => {
    for (const text of ['', '123 && 456', 'logs("x").index("*") > 3', 'avg(last_5m:m{*} > 1', 'avg(last_5m):m{*}']) {
      expect(splitMonitorQuery(text)).toBeNull();
    }
  });
  it('puts windows into words', () => {
    expect(windowText('last_1m')).toBe('the last 1 min');
    expect(windowText('last_1mo')).toBe('the last 1 months');
  });
});

describe('chartQuery', () => {
  const of = (query: string): string => chartQuery(splitMonitorQuery(query)!).query;
  it('draws what the monitor compares, of few groups', () => {
    expect(of('max(last_1m):max:m{*} by {k} > 0.7')).toBe("top(moving_rollup(max:m{*} by {k}, 60, 'max'), 20, 'max', 'desc')");
    expect(of('avg(last_5m):avg:m{*} by {k} < 0.6')).toBe("top(moving_rollup(avg:m{*} by {k}, 300, 'avg'), 20, 'min', 'asc')");
    expect(of('sum(last_5m):sum:m{*}.as_count() > 3')).toBe("moving_rollup(sum:m{*}.as_count(), 300, 'sum')");
  });
  it('leaves arithmetic as it is', () => {
    expect(of('sum(last_5m):sum:e{*}.as_count() / sum:t{*}.as_count() > 0.1')).toBe('sum:e{*}.as_count() / sum:t{*}.as_count()');
  });
  it('knows a single series', () => {
    expect(isSingleSeries('p99:a.b{x:y} by {k,l}.rollup(avg, 60)')).toBe(true);
    expect(isSingleSeries('avg:a{*} - avg:b{*}')).toBe(false);
    expect(isSingleSeries('abs(avg:a{*})')).toBe(false);
  });
});

describe('narrowScope', () => {
  it('adds to every scope and to no `by`', () => {
    expect(narrowScope('max:m{*} by {session_id}', ['session_id:mallory-77'])).toBe('max:m{session_id:mallory-77} by {session_id}');
    expect(narrowScope('sum:a{x:y}.as_count() + sum:b{*}', ['k:v'])).toBe('sum:a{x:y,k:v}.as_count() + sum:b{k:v}');
    expect(narrowScope('avg:m{a:b OR c:d} by {k}', ['k:v'])).toBe('avg:m{(a:b OR c:d) AND k:v} by {k}');
    expect(narrowScope('m{*}', [])).toBe('m{*}');
  });
  it('refuses values that would change the query', () => {
    for (const tag of ['k:a,b', 'k:}', 'k:a b', 'k:*', 'k:(x)', 'plain', 'k:<img src=x onerror=alert(1)>']) {
      expect(narrowScope('m{*}', [tag])).toBeNull();
    }
  });
});

describe('groups', () => {
  const monitor: Monitor = {
    id: 1,
    state: {
      groups: {
        a: { name: 'a', status: 'OK', last_resolved_ts: 50 },
        b: { name: 'b', status: 'Alert', last_triggered_ts: 100 },
        c: { name: 'c', status: 'Alert', last_triggered_ts: 200 },
        d: { name: 'd', status: 'No Data', last_nodata_ts: 300 },
        e: { status: 'warn' },
      },
    },
  };
  it('come trouble first, newest first', () => {
    expect(groupRows(monitor).map((row) => row.name)).toEqual(['c', 'b', 'e', 'd', 'a']);
  });
  it('are filtered by text and state', () => {
    const rows = groupRows(monitor);
    expect(filterGroups(rows, ' B', null).map((row) => row.name)).toEqual(['b']);
    expect(filterGroups(rows, '', 'Alert')).toHaveLength(2);
  });
  it('give the last change', () => {
    expect(lastChange(monitor)).toBe(300);
    expect(lastChange({ id: 2 })).toBeNull();
  });
  it('count and sort by state; unknown states are Unknown', () => {
    expect(readState('exploded')).toBe('Unknown');
    expect(countStates(['OK', 'OK', 'Alert']).get('OK')).toBe(2);
    const sorted = [{ id: 1, name: 'a', overall_state: 'OK' }, { id: 2, name: 'b', overall_state: 'Alert' }].sort(compareMonitors);
    expect(sorted.map((m) => m.id)).toEqual([2, 1]);
  });
  it('page within bounds', () => {
    expect(pageOf([1, 2, 3], 9, 2)).toEqual({ rows: [3], page: 1, pages: 2 });
    expect(pageOf([], 3, 50)).toEqual({ rows: [], page: 0, pages: 1 });
  });
});

describe('downtimes', () => {
  it('reads every answer', () => {
    for (const value of [null, {}, { data: [null, 1, { attributes: { schedule: null, monitor_identifier: 3 } }], included: [7] }]) {
      expect(readDowntimes(value).every((one) => one.state === 'ended')).toBe(true);
    }
    expect(mutesOf({ options: { silenced: { '*': null, 'env:prod': 1.8e9 } } })).toEqual([{ scope: '*', end_s: null }, { scope: 'env:prod', end_s: 1.8e9 }]);
    expect(mutesOf(null)).toEqual([]);
  });
  it('says simple rules in words and shows the others', () => {
    expect(ruleWords('FREQ=WEEKLY;BYDAY=TU')).toBe('every week on Tuesday');
    expect(ruleWords('FREQ=DAILY;INTERVAL=2')).toBe('every 2 days');
    expect(ruleWords('FREQ=MONTHLY;BYDAY=1TU')).toBe('FREQ=MONTHLY;BYDAY=1TU');
    expect(ruleWords('')).toBe('');
  });
  it('asks for what was filled in', () => {
    const wanted = { monitor: '', scope: ' ', message: '', start: '', minutes: 0, repeat: '', timezone: 'UTC' };
    expect(downtimeBody(wanted, 1.8e9)).toEqual({
      data: { type: 'downtime', attributes: { monitor_identifier: { monitor_tags: ['*'] }, scope: '*', display_timezone: 'UTC', schedule: { end: null } } },
    });
  });
});

describe('the summary of a monitor in the list', () => {
  it('is what the server counted, without its groups', () => {
    const monitor = { id: 1, group_counts: { Alert: 2, Warn: 1, 'No Data': 0, OK: 99_997 }, worst_group: 'host:a', groups_left_out: 7, groups_changed_ts: 400 };
    expect(groupSummary(monitor)).toEqual({ total: 100_000, alert: 2, warn: 1, first: 'host:a', leftOut: 7 });
    expect(lastChange(monitor)).toBe(400);
  });
  it('is counted here when the server sent the groups', () => {
    const monitor = { id: 1, state: { groups: { a: { status: 'Alert' }, b: { status: 'OK' } } } };
    expect(groupSummary(monitor)).toEqual({ total: 2, alert: 1, warn: 0, first: 'a', leftOut: 0 });
  });
});
