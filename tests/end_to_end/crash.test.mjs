// Death in the middle: of the server and of its store, under load. What was acknowledged is there afterwards, once.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { Server, nowSeconds, pollUntil, sleep, temporaryFolder } from '../harness/server.mjs';

const kWriters = 4;
const kPointsPerRequest = 20;

// Send numbered requests until stopped; each is one metric tag of its own, worth kPointsPerRequest. Returns the numbers
// that were acknowledged; those that were cut off may have arrived or not, but never in part and never twice.
async function load(server, state) {
  while (!state.stopped && state.next < state.limit) {
    const number = state.next++;
    const points = Array.from({ length: kPointsPerRequest }, (_, index) => ({ timestamp: state.time - index * 10, value: 1 }));
    try {
      const reply = await server.request('POST', '/api/v2/series', {
        body: { series: [{ metric: 'crash.count', type: 1, interval: 10, points, tags: [`request:${number}`] }] },
      });
      if (reply.status === 202) state.acknowledged.add(number);
    } catch {
      await sleep(20);
    }
  }
}

async function assertExact(server, state) {
  // The last of them is in the store when the total has stopped below no acknowledged one.
  const counts = await pollUntil('every acknowledged request is stored', async () => {
    const series = await server.query('sum:crash.count{*} by {request}.as_count()', 1800);
    const found = new Map(series.map((one) => [Number(one.tag_set[0].split(':')[1]),
      one.pointlist.reduce((sum, [, value]) => sum + (value ?? 0), 0)]));
    const missing = [...state.acknowledged].filter((number) => !found.has(number));
    if (missing.length > 0) throw new Error(`${missing.length} of ${state.acknowledged.size} are missing, such as ${missing[0]}`);
    return found;
  }, { seconds: 60, everyMilliseconds: 1000 });
  const wrong = [...counts].filter(([, count]) => count !== kPointsPerRequest);
  assert.deepEqual(wrong, [], 'requests that are there in part, or twice');
}

test('the server is killed under load, three times: nothing acknowledged is lost or doubled', async () => {
  const dataDir = temporaryFolder();
  const state = { next: 0, limit: 100, time: nowSeconds() - 60, acknowledged: new Set(), stopped: false };
  let server = await Server.start({ dataDir, anonymous: true });
  try {
    for (const milliseconds of [700, 1900, 400]) {
      // 100 more each round: the answer of the query has one series per request.
      state.limit = state.next + 100;
      state.stopped = false;
      const writers = Array.from({ length: kWriters }, () => load(server, state));
      await sleep(milliseconds);
      await server.stop({ signal: 'SIGKILL', keepData: true });
      state.stopped = true;
      await Promise.all(writers);
      server = await Server.start({ dataDir, anonymous: true });
    }
    assert.ok(state.acknowledged.size > 20, `${state.acknowledged.size} requests acknowledged`);
    await assertExact(server, state);
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test('the store is killed under load: health says so, intake goes on, and it comes back by itself', async () => {
  const server = await Server.start({ anonymous: true });
  const state = { next: 0, limit: 200, time: nowSeconds() - 60, acknowledged: new Set(), stopped: false };
  const health = async () => (await server.request('GET', '/health')).json?.status;
  try {
    await pollUntil('health is ok', async () => (await health()) === 'ok');
    const [first] = await pollUntil('the store runs', () => server.children().length > 0 && server.children());
    const writer = load(server, state);
    let degraded = false;
    const watch = (async () => {
      while (!state.stopped) {
        const reply = await server.request('GET', '/health');
        if (reply.json?.status && reply.json.status !== 'ok') degraded = true;
        await sleep(5);
      }
    })();
    await sleep(300);
    process.kill(first, 'SIGKILL');
    await pollUntil('another store', () => server.children().some((pid) => pid !== first), { seconds: 20, everyMilliseconds: 50 });
    await pollUntil('health is ok again', async () => (await health()) === 'ok', { seconds: 30 });
    await writer;
    state.stopped = true;
    await watch;
    assert.ok(degraded, '/health never said that the store was away');
    assert.ok(state.acknowledged.size === 200, `${state.acknowledged.size} of 200 requests acknowledged`);
    await assertExact(server, state);
  } finally {
    state.stopped = true;
    await server.stop();
  }
});

test('the store ends with the server, also when the server is killed', async () => {
  const server = await Server.start({ anonymous: true });
  const children = await pollUntil('the store runs', () => server.children().length > 0 && server.children());
  await server.stop({ signal: 'SIGKILL' });
  const isAlive = (pid) => {
    try { process.kill(pid, 0); return true; } catch { return false; }
  };
  await pollUntil('no store is left over', () => !children.some(isAlive), { seconds: 15 });
});
