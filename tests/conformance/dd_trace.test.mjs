// dd-trace 6.21.0 (npm), unmodified: APM, LLM Observability through the agent's proxy and without an agent, OpenAI's
// library through its integration, evaluations, runtime metrics, telemetry, remote configuration.
import { complaints } from './quiet.mjs';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { FakeProvider } from '../harness/fake_provider.mjs';
import { TestAgent } from '../harness/recorder.mjs';
import { Server, kRoot, pollUntil } from '../harness/server.mjs';
import { checkApm } from './expected_apm.mjs';
import { checkByHand, checkJudged, checkMetrics, kOpenAi, kWritten } from './expected_llm.mjs';
import { SpansReader } from './spans_api.mjs';
import { assertQuiet, differences, runClient } from './trace_clients.mjs';

const kRedirect = `--require ${join(kRoot, 'tests/conformance/node/redirect.cjs')}`;
let server;
let provider;
let reference;
let reader;

before(async () => {
  [server, provider, reference] = await Promise.all([Server.start({ traceAgent: true }), FakeProvider.start(), TestAgent.start()]);
  reader = new SpansReader(server);
});

after(async () => {
  await Promise.all([server.stop(), provider.stop(), reference.stop()]);
});

test('APM: server, client, error, 128-bit ids, links, events; runtime metrics; telemetry; remote configuration', async () => {
  const run = await runClient(server, 'apm.cjs', { service: 'node-shop', env: { GE_SECONDS_MIN: '12' } });
  assertQuiet(run);
  assert.ok(run.agent.of(/^\/v0\.4\/traces/).length > 0, 'nothing came to /v0.4/traces');
  assert.ok(run.agent.of(/^\/v0\.7\/config/).length > 1, 'remote configuration was not asked');
  assert.ok(run.agent.of(/apmtelemetry/).length > 0, 'no telemetry');
  assert.deepEqual(await differences(run.agent, reference), []);
  await checkApm(server, reader, run, 'node-shop', 'apm-session-1');
  await pollUntil('runtime metrics', async () => (await server.total('max:runtime.node.mem.heap_used{service:node-shop}.rollup(max, 600)')) > 0);
});

test('APM in the older encoding, statistics computed by the client', async () => {
  const run = await runClient(server, 'apm.cjs', {
    service: 'node-shop-05', env: { GE_SECONDS_MIN: '13', DD_TRACE_AGENT_PROTOCOL_VERSION: '0.5', DD_TRACE_STATS_COMPUTATION_ENABLED: 'true', DD_RUNTIME_METRICS_ENABLED: 'false' },
  });
  assertQuiet(run);
  assert.ok(run.agent.of(/^\/v0\.5\/traces/).length > 0, 'nothing came to /v0.5/traces');
  assert.ok(run.agent.of(/^\/v0\.6\/stats/).length > 0, 'no statistics came');
  assert.deepEqual(await differences(run.agent, reference), []);
  await checkApm(server, reader, run, 'node-shop-05', 'apm-session-1');
});

test('APM without an agent', async () => {
  const run = await runClient(server, 'apm.cjs', {
    service: 'node-shop-direct', direct: ['GE_INTAKE'],
    env: {
      _DD_APM_TRACING_AGENTLESS_ENABLED: 'true', DD_REMOTE_CONFIGURATION_ENABLED: 'false', DD_RUNTIME_METRICS_ENABLED: 'false', DD_SITE: 'datadoghq.com',
      NODE_OPTIONS: kRedirect,
    },
  });
  assertQuiet(run);
  assert.ok(run.intake.of(/^\/api\/v2\/spans/).length > 0, 'nothing came to the intake');
  await checkApm(server, reader, run, 'node-shop-direct', 'apm-session-1');
});

test('LLM Observability through the agent, OpenAI by its integration', async () => {
  const run = await runClient(server, 'llm.cjs', {
    service: 'node-chat', env: { DD_LLMOBS_ENABLED: 'true', DD_LLMOBS_ML_APP: 'conformance-js', GE_PROVIDER: provider.url, DD_RUNTIME_METRICS_ENABLED: 'false' },
  });
  assertQuiet(run);
  assert.ok(run.agent.of(/^\/evp_proxy\/v2\/api\/v2\/llmobs/).length > 0, 'nothing came through the proxy');
  assert.deepEqual(await differences(run.agent, reference), []);
  await checkByHand(reader, run.said, { service: 'node-chat', session: 'js-session-1' });
  const calls = (await reader.arrivedLlm({ query: '@session_id:js-session-2' }, 5)).filter((span) => span.spanKind === 'llm');
  assert.equal(calls.length, 4);
  assert.ok(calls.every((span) => span.parentId === run.said.integration.span), 'the calls are not below their workflow');
  const [plain, streamed, tool, refused] = calls;
  for (const call of [plain, streamed, tool]) {
    assert.equal(call.modelName, 'gpt-4o-mini-2024-07-18');
    assert.equal(call.metrics.reasoning_output_tokens, kOpenAi.reasoning);
    assert.equal(call.metrics.cache_read_input_tokens, kOpenAi.cached);
  }
  assert.equal(plain.output.messages[0].content, 'You said: plain question');
  assert.equal(streamed.output.messages[0].content, 'You said: streamed question');
  assert.equal(tool.output.messages[0].toolCalls[0].name, 'get_weather');
  assert.deepEqual(tool.output.messages[0].toolCalls[0]._arguments ?? tool.output.messages[0].toolCalls[0].arguments, { city: 'Paris' });
  assert.equal(refused.status, 'error');
  await checkJudged(reader, run.said);
  // Each call is seen twice, as APM span and as LLM Observability event, and paid once. write, broken, judged + four.
  await checkMetrics(server, 'node-chat', [[kWritten, 1], [kOpenAi, 3]], { errors: 2, requests: 7 });
  // And is one row, with what both ways brought, and one in counts.
  const ways = await pollUntil('spans of both ways', async () => {
    const { spans } = await server.call('GET', '/api/godseye/v1/spans', { query: { query: 'service:node-chat', from: 'now-1h', to: 'now+1m', limit: 1000 } });
    return spans.some((span) => span.llm && span.meta['_dd.llmobs.submitted']) && spans;
  });
  const ids = ways.map((span) => span.span_id);
  assert.equal(new Set(ids).size, ids.length, 'a span is shown twice');
  const facets = await server.call('GET', '/api/godseye/v1/spans/facets', { query: { query: 'service:node-chat', from: 'now-1h', to: 'now+1m' } });
  assert.equal(facets.spans, ids.length);
});

test('LLM Observability without an agent', async () => {
  const run = await runClient(server, 'llm.cjs', {
    service: 'node-direct', direct: ['GE_INTAKE'],
    env: {
      DD_LLMOBS_ENABLED: 'true', DD_LLMOBS_ML_APP: 'conformance-js-direct', DD_LLMOBS_AGENTLESS_ENABLED: 'true', DD_RUNTIME_METRICS_ENABLED: 'false',
      DD_SITE: 'datadoghq.com', NODE_OPTIONS: kRedirect,
    },
  });
  assertQuiet(run);
  assert.ok(run.intake.of(/^\/api\/v2\/llmobs/).length > 0, 'nothing came to the intake');
  assert.ok(run.intake.of(/eval-metric/).length > 0, 'no evaluation came to the intake');
  const spans = await reader.arrivedLlm({ mlApp: 'conformance-js-direct' }, 9);
  assert.ok(spans.some((span) => span.name === 'write' && span.metrics.input_tokens === kWritten.input));
  await checkJudged(reader, run.said);
  await checkMetrics(server, 'node-direct', [[kWritten, 1]], { errors: 1, requests: 3 });
});

test('the typed client and this test complained about nothing', () => {
  assert.deepEqual(complaints, []);
});
