import { describe, expect, it } from 'vitest';
import { colourSlots, lonelyPoints, shapeQuery } from '../../src/model/series';
import type { QuerySeries } from '../../src/api/types';

const series = (tag: string, interval: number, points: [number, number | null][]): QuerySeries => ({
  metric: 'm',
  expression: `avg:m{${tag}}`,
  tag_set: tag === '' ? [] : [tag],
  interval,
  query_index: 0,
  pointlist: points.map(([s, v]) => [s * 1000, v]),
});

describe('shapeQuery', () => {
  it('gives all series one column of times', () => {
    const shaped = shapeQuery({ series: [series('k:a', 10, [[10, 1], [20, 2]]), series('k:b', 10, [[20, 5], [30, 6]])] });
    expect(shaped.times).toEqual([10, 20, 30]);
    expect(shaped.series.map((s) => s.label)).toEqual(['k:b', 'k:a']); // highest first
    expect(shaped.columns).toEqual([
      [null, 5, 6],
      [1, 2, null],
    ]);
  });
  it('tells a gap from a time of another series', () => {
    const shaped = shapeQuery({
      series: [series('k:slow', 20, [[0, 9], [20, 9], [60, 9]]), series('k:fast', 10, [[0, 1], [10, 1], [20, 1], [30, 1]])],
    });
    expect(shaped.times).toEqual([0, 10, 20, 30, 40, 60]);
    expect(shaped.columns[0]).toEqual([9, undefined, 9, null, null, 9]);
  });
  it('breaks lines where every series is silent', () => {
    const shaped = shapeQuery({ series: [series('', 10, [[0, 1], [10, 1], [100, 1]])] });
    expect(shaped.times).toEqual([0, 10, 20, 100]);
    expect(shaped.columns[0]).toEqual([1, 1, null, 1]);
  });
  it('reads last, average and maximum over what is there', () => {
    const [only] = shapeQuery({ series: [series('', 10, [[0, 4], [10, null], [20, 2]])] }).series;
    expect(only).toMatchObject({ last: 2, avg: 3, max: 4, min: 2, points: 2, label: 'avg:m{}' });
  });
  it('survives answers with nothing in them', () => {
    expect(shapeQuery({})).toEqual({ times: [], columns: [], series: [], interval_s: 0 });
    expect(shapeQuery({ series: [{}] }).series[0]).toMatchObject({ label: '*', last: null, avg: null });
    expect(shapeQuery({ series: [series('k:a', 10, [[0, null], [10, null]])] }).columns[0]).toEqual([null, null]);
  });
  it('names the query when there are several', () => {
    const a = { ...series('k:a', 10, [[0, 1]]), display_name: 'first' };
    const b = { ...series('k:a', 10, [[0, 0]]), display_name: 'second', query_index: 1 };
    expect(shapeQuery({ series: [a, b] }).series.map((s) => s.label)).toEqual(['k:a · first', 'k:a · second']);
  });
});

describe('lonelyPoints', () => {
  it('finds values with silence on both sides', () => {
    expect(lonelyPoints([1, null, 2, 2, null, 3])).toEqual([0, 5]);
    expect(lonelyPoints([null, 1, undefined, 2, null])).toEqual([]);
    expect(lonelyPoints([null, undefined, 1, undefined, null])).toEqual([2]);
    expect(lonelyPoints([])).toEqual([]);
  });
});

describe('colourSlots', () => {
  it('keeps the colour of a label and does not repeat one while there are others', () => {
    const labels = Array.from({ length: 12 }, (_, i) => `service:${i}`);
    expect(new Set(colourSlots(labels, 12)).size).toBe(12);
    expect(colourSlots([...labels].reverse(), 12)).toEqual(colourSlots(labels, 12).reverse());
    expect(Math.max(...colourSlots(Array.from({ length: 500 }, (_, i) => `x${i}`), 12))).toBeLessThan(12);
  });
});
