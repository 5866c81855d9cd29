// ddtrace 4.16.0 (PyPI), unmodified: APM, LLM Observability inside the APM traces (its default), through the agent's
// proxy and without an agent, the integrations of OpenAI, Google GenAI and LangChain, evaluations, runtime metrics,
// telemetry, remote configuration; its own way to read spans back, and that of datadog-api-client.
import { complaints } from './quiet.mjs';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FakeProvider } from '../harness/fake_provider.mjs';
import { TestAgent } from '../harness/recorder.mjs';
import { Server, pollUntil } from '../harness/server.mjs';
import { checkApm } from './expected_apm.mjs';
import { checkByHand, checkJudged, checkMetrics, kGoogle, kOpenAi, kWritten } from './expected_llm.mjs';
import { SpansReader } from './spans_api.mjs';
import { assertQuiet, differences, runClient } from './trace_clients.mjs';

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

test('APM: server, client, error, 128-bit ids, link; runtime metrics; telemetry; remote configuration', async () => {
  const run = await runClient(server, 'ddtrace_apm.py', { service: 'py-shop', env: { GE_SECONDS_MIN: '12', DD_TRACE_NATIVE_SPAN_EVENTS: '1' } });
  assertQuiet(run);
  assert.ok(run.agent.of(/^\/v0\.4\/traces/).length > 0, 'nothing came to /v0.4/traces');
  assert.ok(run.agent.of(/^\/v0\.7\/config/).length > 1, 'remote configuration was not asked');
  assert.ok(run.agent.of(/apmtelemetry/).length > 0, 'no telemetry');
  assert.deepEqual(await differences(run.agent, reference), []);
  await checkApm(server, reader, run, 'py-shop', 'apm-session-2');
  await pollUntil('runtime metrics', async () => (await server.total('max:runtime.python.mem.rss{service:py-shop}.rollup(max, 600)')) > 0);
});

test('APM in the encoding it takes by default', async () => {
  const run = await runClient(server, 'ddtrace_apm.py', {
    service: 'py-shop-05', env: { DD_RUNTIME_METRICS_ENABLED: 'false', DD_TRACE_STATS_COMPUTATION_ENABLED: 'true' },
  });
  assertQuiet(run);
  assert.ok(run.agent.of(/^\/v0\.5\/traces/).length > 0, 'nothing came to /v0.5/traces');
  assert.deepEqual(await differences(run.agent, reference), []);
  await checkApm(server, reader, run, 'py-shop-05', 'apm-session-2');
});

test('LLM Observability inside the traces, three libraries by their integrations', async () => {
  const run = await runClient(server, 'ddtrace_llm.py', {
    service: 'py-chat', env: { DD_LLMOBS_ENABLED: 'true', DD_LLMOBS_ML_APP: 'conformance-py', GE_PROVIDER: provider.url, DD_RUNTIME_METRICS_ENABLED: 'false' },
  });
  assertQuiet(run);
  assert.deepEqual(run.agent.of(/\/api\/v2\/llmobs/), [], 'something went beside the traces');
  assert.deepEqual(await differences(run.agent, reference), []);
  await checkByHand(reader, run.said, { service: 'py-chat', session: 'py-session-1' });
  const openai = (await reader.arrivedLlm({ query: '@session_id:py-session-openai' }, 5)).filter((span) => span.spanKind === 'llm');
  assert.equal(openai.length, 4);
  for (const call of openai.slice(0, 3)) {
    assert.equal(call.modelName, 'gpt-4o-mini-2024-07-18');
    assert.equal(call.metrics.reasoning_output_tokens, kOpenAi.reasoning);
    assert.equal(call.metrics.cache_read_input_tokens, kOpenAi.cached);
  }
  assert.equal(openai[1].output.messages[0].content, 'You said: streamed question');
  assert.equal(openai[2].output.messages[0].toolCalls[0].name, 'get_weather');
  assert.equal(openai[2].toolDefinitions[0].name, 'get_weather');
  assert.equal(openai[3].status, 'error');
  const google = (await reader.arrivedLlm({ query: '@session_id:py-session-google' }, 3)).filter((span) => span.spanKind === 'llm');
  assert.deepEqual(google.map((span) => [span.modelName, span.modelProvider, span.metrics.output_tokens]), [
    ['gemini-2.5-flash', 'google', kGoogle.output], ['gemini-2.5-flash', 'google', kGoogle.output],
  ]);
  const chain = await reader.arrivedLlm({ query: '@session_id:py-session-langchain' }, 3);
  assert.deepEqual(chain.map((span) => span.spanKind), ['workflow', 'workflow', 'llm']);
  await checkJudged(reader, run.said);
  // write, broken, judged; openai 4, google 2, langchain 1.
  await checkMetrics(server, 'py-chat', [[kWritten, 1], [kOpenAi, 4], [kGoogle, 2]], { errors: 2, requests: 10 });
});

test('LLM Observability through the proxy, without APM', async () => {
  const run = await runClient(server, 'ddtrace_llm.py', {
    service: 'py-proxy', env: { DD_LLMOBS_ENABLED: 'true', DD_LLMOBS_ML_APP: 'conformance-py-proxy', DD_APM_TRACING_ENABLED: 'false', DD_RUNTIME_METRICS_ENABLED: 'false' },
  });
  assertQuiet(run);
  assert.ok(run.agent.of(/^\/evp_proxy\/v2\/api\/v2\/llmobs/).length > 0, 'nothing came through the proxy');
  assert.deepEqual(await differences(run.agent, reference), []);
  const spans = await reader.arrivedLlm({ mlApp: 'conformance-py-proxy' }, 9);
  assert.ok(spans.some((span) => span.name === 'write' && span.metrics.input_tokens === kWritten.input));
  await checkMetrics(server, 'py-proxy', [[kWritten, 1]], { errors: 1, requests: 3 });
});

test('LLM Observability without an agent; the library and the typed client of PyPI read it back', async () => {
  const run = await runClient(server, 'ddtrace_llm.py', {
    service: 'py-direct', direct: ['DD_LLMOBS_OVERRIDE_ORIGIN'],
    env: {
      DD_LLMOBS_ENABLED: 'true', DD_LLMOBS_ML_APP: 'conformance-py-direct', DD_LLMOBS_AGENTLESS_ENABLED: 'true', DD_APP_KEY: server.appKey,
      DD_RUNTIME_METRICS_ENABLED: 'false',
    },
  });
  assertQuiet(run);
  assert.ok(run.intake.of(/^\/api\/v2\/llmobs/).length > 0, 'nothing came to the intake');
  assert.ok(run.intake.of(/eval-metric/).length > 0, 'no evaluation came to the intake');
  await reader.arrivedLlm({ mlApp: 'conformance-py-direct' }, 9);
  await checkJudged(reader, run.said);
  await checkMetrics(server, 'py-direct', [[kWritten, 1]], { errors: 1, requests: 3 });

  const readBack = await runClient(server, 'spans_read.py', {
    service: 'py-reader', direct: ['DD_LLMOBS_OVERRIDE_ORIGIN', 'GE_URL'],
    env: {
      DD_LLMOBS_ENABLED: 'true', DD_LLMOBS_ML_APP: 'conformance-py-direct', DD_LLMOBS_AGENTLESS_ENABLED: 'true', DD_RUNTIME_METRICS_ENABLED: 'false',
      GE_API_KEY: server.apiKey, GE_APP_KEY: server.appKey, DD_APP_KEY: server.appKey, GE_SPAN: run.said.write.span, GE_TRACE: run.said.write.exported.trace_id,
    },
  });
  assertQuiet(readBack);
  assert.equal(readBack.said.library?.spans, 9);
  assert.equal(readBack.said.library?.written?.metrics?.input_tokens, kWritten.input);
  assert.equal(readBack.said.typed?.spans, 8);
  assert.ok(readBack.said.apm?.spans > 0);
  assert.equal(readBack.said.aggregate?.count, 300);
});

test('LLM Observability inside APM traces without an agent', async () => {
  const run = await runClient(server, 'ddtrace_agentless.py', {
    service: 'py-agentless', direct: ['GE_INTAKE'],
    env: {
      DD_LLMOBS_ML_APP: 'conformance-py-agentless', DD_LLMOBS_AGENTLESS_ENABLED: 'true', DD_SITE: 'datadoghq.com', DD_RUNTIME_METRICS_ENABLED: 'false',
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false', DD_REMOTE_CONFIGURATION_ENABLED: 'false', DD_TRACE_STATS_COMPUTATION_ENABLED: 'false',
    },
  });
  assertQuiet(run);
  assert.ok(run.intake.of(/^\/v1\/input/).length > 0, 'nothing came to /v1/input');
  assert.deepEqual(run.agent.of(/traces|llmobs/), [], 'something went to an agent');
  const spans = await reader.arrivedLlm({ query: '@session_id:py-session-agentless' }, 3);
  const write = spans.find((span) => span.name === 'write');
  assert.equal(write.spanId, run.said.write.span);
  assert.equal(write.input.messages[0].content, 'where is my order? (grüße 👋)');
  assert.equal(spans.find((span) => span.name === 'broken').status, 'error');
  const trace = await server.call('GET', `/api/godseye/v1/traces/${run.said.request.trace}`);
  assert.deepEqual(trace.spans.map((span) => span.name).sort(), ['answer', 'web.request', 'write']);
  assert.equal(trace.spans.find((span) => span.name === 'web.request').meta['customer.tier'], 'gold');
  await checkMetrics(server, 'py-agentless', [[kWritten, 1]], { errors: 1, requests: 2 });
});

test('the typed client and this test complained about nothing', () => {
  assert.deepEqual(complaints, []);
});
