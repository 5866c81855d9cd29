// hot-shots 17.1.1, unmodified: every metric type over UDP, read back exactly.
import { complaints } from './quiet.mjs';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import StatsD from 'hot-shots';
import { Server, pollUntil } from '../harness/server.mjs';
import { isNear, kDistribution, kPercentiles, kPercentileTolerance } from './values.mjs';

let server;
let client;
const errors = [];

before(async () => {
  server = await Server.start();
  client = new StatsD({
    host: server.dogstatsd.host, port: server.dogstatsd.port, prefix: 'shots.', globalTags: ['env:test'], maxBufferSize: 1400,
    bufferFlushInterval: 20, errorHandler: (error) => errors.push(error.message),
  });
  for (let index = 0; index < 300; ++index) client.increment('count', 3, { route: index % 2 ? 'odd' : 'even' });
  client.decrement('count', 100, { route: 'odd' });
  client.increment('sampled', 1, 1, { kind: 'sampled' });
  client.gauge('gauge', 1);
  client.gauge('gauge', 42.5);
  for (const user of ['ada', 'alan', 'ada', 'grace']) client.set('set', user);
  for (let value = 1; value <= 100; ++value) client.histogram('histogram', value);
  for (let value = 1; value <= 100; ++value) client.timing('timing', value);
  for (const value of kDistribution) client.distribution('distribution', value, { session_id: value <= 500 ? 'low-1' : 'high-2' });
  client.gauge('umlaut', 7, { stadt: 'Köln' });
  client.event('deploy', 'version 2 is out', { alert_type: 'info', priority: 'low' }, ['service:shop']);
  client.check('service', client.CHECKS.OK, { message: 'fine' }, ['service:shop']);
});

after(async () => {
  await new Promise((resolve) => client.close(resolve));
  await server.stop();
});

const arrives = (query, expected) =>
  pollUntil(`${query} = ${expected}`, async () => {
    const total = await server.total(query);
    if (Math.abs(total - expected) > 1e-9) throw new Error(`it is ${total}`);
    return true;
  });

const latest = (query) =>
  pollUntil(query, async () => {
    const series = await server.query(query);
    return series.length > 0 && { value: series[0].pointlist.findLast(([, value]) => value !== null)?.[1], series };
  });

test('a counter comes back exactly, per tag and in all', async () => {
  await arrives('sum:shots.count{*}.as_count()', 800);
  await arrives('sum:shots.count{route:even}.as_count()', 450);
  await arrives('sum:shots.count{route:odd,env:test}.as_count()', 350);
  await arrives('sum:shots.sampled{kind:sampled}.as_count()', 1);
});

test('a gauge keeps its last value', async () => {
  assert.equal((await latest('max:shots.gauge{*}.rollup(max, 600)')).value, 42.5);
});

test('a set counts distinct values', async () => {
  assert.equal((await latest('max:shots.set{*}.rollup(max, 600)')).value, 3);
});

test('a histogram becomes the five series of the Agent', async () => {
  await arrives('sum:shots.histogram.count{*}.as_count()', 100);
  assert.equal((await latest('max:shots.histogram.max{*}.rollup(max, 600)')).value, 100);
  assert.equal((await latest('max:shots.histogram.avg{*}.rollup(max, 600)')).value, 50.5);
  assert.ok([50, 50.5, 51].includes((await latest('max:shots.histogram.median{*}.rollup(max, 600)')).value));
  assert.ok([95, 96].includes((await latest('max:shots.histogram.95percentile{*}.rollup(max, 600)')).value));
});

test('a timing is a histogram, and percentiles of both come from its sketch', async () => {
  await arrives('sum:shots.timing.count{*}.as_count()', 100);
  for (const metric of ['shots.timing', 'shots.histogram']) {
    const { value } = await latest(`p99:${metric}{*}.rollup(3600)`);
    assert.ok(isNear(value, 99, 0.02), `p99 of ${metric} is ${value}`);
  }
});

test('a distribution answers every percentile within one percent', async () => {
  await arrives('count:shots.distribution{*}.as_count()', 1000);
  await arrives('sum:shots.distribution{*}.rollup(sum, 600)', 500_500);
  for (const [aggregator, expected] of Object.entries(kPercentiles)) {
    const { value } = await latest(`${aggregator}:shots.distribution{*}.rollup(3600)`);
    assert.ok(isNear(value, expected, kPercentileTolerance), `${aggregator} is ${value}, sent ${expected}`);
  }
});

test('an attribution tag groups without being part of the series', async () => {
  const { series } = await latest('max:shots.distribution{*} by {session_id}.rollup(max, 600)');
  const peaks = Object.fromEntries(series.map((one) => [one.tag_set.join(','), Math.max(...one.pointlist.map(([, value]) => value ?? 0))]));
  assert.deepEqual(peaks, { 'session_id:low-1': 500, 'session_id:high-2': 1000 });
});

test('a tag that is not ASCII can be asked for', async () => {
  assert.equal((await latest('max:shots.umlaut{stadt:köln}.rollup(max, 600)')).value, 7);
});

test('the client complained about nothing', () => {
  assert.deepEqual([...errors, ...complaints], []);
});
