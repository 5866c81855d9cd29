// Death in the middle: of the server and of its store, under load. What was acknowledged is there afterwards, once.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { Server, WebhookSink, nowSeconds, pollUntil, sleep, temporaryFolder } from '../harness/server.mjs';

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

// Right after a cut the server stores the points, evaluates, commits and calls. It is killed at different moments of that.
test('the server is killed around transitions: each is told, and none happens twice', async () => {
  const kCut_ms = 10_000;
  const sink = await WebhookSink.start();
  const dataDir = temporaryFolder();
  let server = await Server.start({ dataDir });
  const { keys } = server;
  const say = async (count) => {
    for (let i = 0; i < count; ++i) await server.send(`kills.score:0.9|g|#session_id:s${i}`);
  };
  try {
    await server.call('POST', '/api/v1/integration/webhooks/configuration/webhooks', {
      body: { name: 'kills', url: sink.url, payload: '{"id": "$ID", "group": "$ALERT_SCOPE"}' },
    });
    const monitor = await server.call('POST', '/api/v1/monitor', {
      body: { name: 'kills', type: 'query alert', query: 'max(last_1h):max:kills.score{*} by {session_id} > 0.7', message: '@webhook-kills' },
    });
    const moments = [300, 450, 800]; // after a cut
    for (const [round, after_ms] of moments.entries()) {
      await say(round + 1);
      await sleep(kCut_ms - (Date.now() % kCut_ms) + after_ms);
      await server.stop({ signal: 'SIGKILL', keepData: true });
      server = await Server.start({ dataDir, keys });
    }
    await say(moments.length);
    const history = await pollUntil('every session is in Alert', async () => {
      const { transitions } = await server.call('GET', `/api/godseye/v1/monitors/${monitor.id}/history`, { query: { from: nowSeconds() - 600, to: nowSeconds() + 10 } });
      return new Set(transitions.map(({ group }) => group)).size >= moments.length && transitions;
    }, { seconds: 60 });
    assert.deepEqual(history.map(({ group }) => group).sort(), moments.map((_, i) => `session_id:s${i}`), 'one transition a session');
    await pollUntil('every call', () => new Set(sink.calls.map(({ body }) => JSON.parse(body).group)).size === moments.length);
    const ids = new Set(sink.calls.map(({ body }) => JSON.parse(body).id));
    assert.equal(ids.size, moments.length, 'a call that comes again after a kill has the id it had');
  } finally {
    await server.stop();
    await sink.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
