// Kill -9 under trace load. Clients repeat what was not answered, as real ones do: in the end every span is stored once,
// and the money that the metrics say is the money that the stored spans say, to the cent.
//
// Ten kills as a test; `./test kills` does two hundred (GE_KILLS).
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { Server, pollUntil, sleep, temporaryFolder } from '../harness/server.mjs';
import { llmSpan, newId, sendTraces, span, storeRows } from '../harness/spans.mjs';

const kKills = Number(process.env.GE_KILLS ?? 10);
const kSeed = Number(process.env.GE_SEED ?? 1);
const kWriters = 3;
const kTracesPerRequest = 10;
// So that the writers rest now and then and the store keeps up on a small machine.
const kRequestPauseMilliseconds = 15;
// gpt-4o-mini, USD per token: tens of cents a call, so that one lost or doubled call shows.
const kRates = { input: 0.15e-6, output: 0.6e-6 };

// Small and repeatable; the moments of the kills still depend on the machine.
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function payload(uniform, state) {
  const ids = [];
  let cost = 0;
  const traces = Array.from({ length: kTracesPerRequest }, () => {
    const root = span({ service: 'crash', name: 'crash.request', resource: `GET /${Math.floor(uniform() * 5)}` });
    const metrics = { input_tokens: 1_000_000 + Math.floor(uniform() * 1_000_000), output_tokens: 100_000 + Math.floor(uniform() * 100_000) };
    metrics.total_tokens = metrics.input_tokens + metrics.output_tokens;
    const call = llmSpan({ metrics, session: `crash-${Math.floor(uniform() * 20)}`, input: 'is it still there?', output: 'it is' }, {
      service: 'crash', trace_id: root.trace_id, span_id: newId(), parent_id: root.span_id,
    });
    ids.push(root.span_id, call.span_id);
    cost += metrics.input_tokens * kRates.input + metrics.output_tokens * kRates.output;
    return [root, call];
  });
  state.payloads += 1;
  return { traces, ids, cost };
}

// One client: a payload after the other, each until it is answered.
async function write(state, uniform) {
  while (!state.stopped) {
    const made = payload(uniform, state);
    for (;;) {
      try {
        const reply = await sendTraces(state.server, made.traces);
        assert.ok(reply.status === 200 || reply.status >= 429, `${reply.status} ${reply.body}`);
        if (reply.status === 200) break;
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
      }
      state.repeated += 1;
      await sleep(30);
    }
    for (const id of made.ids) state.ids.add(id);
    state.cost += made.cost;
    await sleep(kRequestPauseMilliseconds);
  }
}

test(`the server is killed ${kKills} times under trace load: every span is there once, and so is its money`, async (context) => {
  const dataDir = temporaryFolder();
  const args = ['--span-ids-max', '2000000'];
  const start = (keys = null) => Server.start({ dataDir, anonymous: true, traceAgent: true, args, keys });
  const state = { server: await start(), ids: new Set(), cost: 0, payloads: 0, repeated: 0, stopped: false };
  const began = Date.now();
  const uniform = random(kSeed);
  try {
    const writers = Array.from({ length: kWriters }, (_, index) => write(state, random(kSeed + 1000 + index)));
    const failed = Promise.all(writers).catch((error) => error);
    let startLongest = 0;
    for (let kill = 0; kill < kKills; ++kill) {
      await sleep(100 + uniform() * 900);
      await state.server.stop({ signal: 'SIGKILL', keepData: true });
      const before = Date.now();
      state.server = await start(state.server.keys);
      startLongest = Math.max(startLongest, Date.now() - before);
    }
    await sleep(500);
    state.stopped = true;
    const error = await failed;
    if (error instanceof Error) throw error;

    const { server } = state;
    context.diagnostic(`${state.payloads} payloads, ${state.ids.size} spans, ${state.repeated} repeated sends, longest start ${startLongest} ms, seed ${kSeed}`);
    assert.ok(state.repeated > 0, 'no kill hit a request');
    await pollUntil('every span is stored', async () => {
      const [{ spans, ids }] = await storeRows(server, "SELECT count() AS spans, uniqExact(span_id) AS ids FROM godseye.spans WHERE service = 'crash'");
      if (Number(ids) < state.ids.size) throw new Error(`${ids} of ${state.ids.size}`);
      return { spans, ids };
    }, { seconds: 120, everyMilliseconds: 500 });
    // Whatever else may still be on its way.
    await sleep(3000);
    const stored = await storeRows(server, "SELECT toString(span_id) AS span_id, count() AS times FROM godseye.spans WHERE service = 'crash' GROUP BY span_id");
    assert.deepEqual(stored.filter((row) => Number(row.times) !== 1).slice(0, 5), [], 'spans that are stored more than once');
    const unknown = stored.filter((row) => !state.ids.has(BigInt(row.span_id)));
    assert.deepEqual(unknown.slice(0, 5), [], 'spans that nobody sent');
    assert.equal(stored.length, state.ids.size);

    const [{ calls, spent }] = await storeRows(server, "SELECT count() AS calls, sum(cost_usd) AS spent FROM godseye.llm_spans WHERE service = 'crash'");
    assert.equal(Number(calls), state.ids.size / 2);
    const window = Math.ceil((Date.now() - began) / 1000) + 120;
    const metric = await server.total('sum:llm.cost.usd{service:crash}.as_count()', window);
    const hits = await server.total('sum:trace.crash.request.hits{service:crash}.as_count()', window);
    context.diagnostic(`sent ${state.cost.toFixed(4)} USD, stored ${Number(spent).toFixed(4)} USD, llm.cost.usd ${metric.toFixed(4)} USD`);
    assert.ok(Math.abs(Number(spent) - state.cost) < 0.005, `stored ${spent} USD, sent ${state.cost} USD`);
    assert.ok(Math.abs(metric - Number(spent)) < 0.005, `llm.cost.usd is ${metric} USD, the stored spans cost ${spent} USD`);
    assert.equal(hits, state.ids.size / 2);
  } finally {
    state.stopped = true;
    await state.server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
