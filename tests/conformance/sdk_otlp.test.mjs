// Our own C++ library with OTLP by setting: OpenTelemetry's own definitions read every message, a second receiver
// (Datadog's fake agent, which takes OTLP) accepts it, and what the program said is in it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Recorder, TestAgent } from '../harness/recorder.mjs';
import { kBinary, kRoot, pollUntil, runToEnd } from '../harness/server.mjs';
import { Shop } from '../harness/shop.mjs';

const kExample = join(dirname(kBinary), 'sdk-chat');
const kPython = join(kRoot, '.cache/venv/bin/python');
let receiver;
let recorder;

before(async () => {
  assert.ok(existsSync(kExample), `${kExample} is not built: ./test release`);
  receiver = await TestAgent.start();
  recorder = await Recorder.start(receiver.otlpUrl);
});

after(async () => {
  await recorder.stop();
  await receiver.stop();
});

// {traces: [resourceSpans…], metrics: […], logs: […]} of what was recorded since the last call.
async function decoded() {
  const sent = recorder.exchanges.splice(0);
  for (const one of sent) {
    assert.equal(one.status, 200, `${one.path}: ${one.answer}`);
    assert.equal(one.headers['content-type'], 'application/x-protobuf');
  }
  const input = sent.map((one) => JSON.stringify({ path: one.path, body: one.body.toString('base64') })).join('\n');
  const run = await runToEnd(kPython, [join(kRoot, 'tests/conformance/python/otlp_decode.py')], { input });
  assert.equal(run.code, 0, run.stderr);
  const out = { traces: [], metrics: [], logs: [], requests: sent };
  for (const line of run.stdout.trim().split('\n')) {
    const { path, message, error } = JSON.parse(line);
    assert.equal(error, undefined, `${path}: ${error}`);
    out.traces.push(...(message.resourceSpans ?? []));
    out.metrics.push(...(message.resourceMetrics ?? []));
    out.logs.push(...(message.resourceLogs ?? []));
  }
  return out;
}
const plain = (value) => value.stringValue ?? (value.intValue !== undefined ? Number(value.intValue) : value.doubleValue ?? value.boolValue ?? value.arrayValue.values.map(plain));
const table = (attributes) => {
  const out = Object.fromEntries((attributes ?? []).map(({ key, value }) => [key, plain(value)]));
  assert.equal(Object.keys(out).length, (attributes ?? []).length, `a key comes twice: ${JSON.stringify(attributes)}`);
  return out;
};
const hex = (base64) => Buffer.from(base64, 'base64').toString('hex');

const chat = (session, user, env = {}) => runToEnd(kExample, [session, user], {
  env: {
    DD_SERVICE: '', OTEL_SERVICE_NAME: 'chat', OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=conformance,service.version=2.0,team=shop',
    OTEL_EXPORTER_OTLP_ENDPOINT: recorder.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', OTEL_EXPORTER_OTLP_HEADERS: 'x-team=a%20b',
    // Whatever still went the old way would be lost, and the program would say so.
    DD_TRACE_AGENT_URL: 'http://127.0.0.1:1', DD_DOGSTATSD_URL: 'unix:///nowhere/dsd.socket', GODSEYE_URL: '', ...env,
  },
});
const said = (run) => JSON.parse(run.stderr.trim().split('\n').at(-1));

test('spans, LLM spans, metrics and logs of one session', async () => {
  const run = await chat('otlp-session-1', 'otlp-user-1');
  assert.equal(run.code, 0, run.stderr);
  assert.deepEqual(said(run), { blocked: false, arrived: true, lost: 0 });
  assert.equal(run.stdout, '', 'log lines go as records instead');
  const sent = await decoded();
  assert.ok(sent.requests.every((one) => one.headers['x-team'] === 'a b'));
  for (const { resource } of [...sent.traces, ...sent.metrics, ...sent.logs]) {
    const facts = table(resource.attributes);
    assert.deepEqual([facts['deployment.environment.name'], facts['service.version'], facts.team, facts['telemetry.sdk.language']], ['conformance', '2.0', 'shop', 'cpp']);
  }

  const spans = sent.traces.flatMap(({ resource, scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service: table(resource.attributes)['service.name'], facts: table(span.attributes) }))));
  const byName = Object.fromEntries(spans.map((span) => [span.name, span]));
  assert.deepEqual(Object.keys(byName).sort(), ['POST /chat', 'chat gemini-2.0-flash', 'invoke_agent chat.turn', 'payment.charge', 'retrieval /shop.Catalogue/Search']);
  assert.equal(new Set(spans.map((span) => hex(span.traceId))).size, 1, 'one trace over both services');
  assert.match(hex(spans[0].traceId), /^[0-9a-f]{32}$/);
  for (const span of spans) {
    assert.deepEqual([span.facts['session.id'], span.facts['user.id']], ['otlp-session-1', 'otlp-user-1'], span.name);
    assert.ok(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano));
  }
  const root = byName['POST /chat'];
  assert.equal(root.parentSpanId, undefined);
  assert.equal(root.kind, 'SPAN_KIND_SERVER');
  assert.equal(root.facts['http.response.status_code'], 200);
  assert.equal(byName['invoke_agent chat.turn'].parentSpanId, root.spanId);
  assert.equal(byName['retrieval /shop.Catalogue/Search'].service, 'chat-catalogue');
  assert.equal(byName['payment.charge'].status.code, 'STATUS_CODE_ERROR');
  assert.equal(table(byName['payment.charge'].events[0].attributes)['exception.type'], 'CardDeclined');

  const call = byName['chat gemini-2.0-flash'].facts;
  assert.deepEqual(
    ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.request.model', 'gen_ai.usage.input_tokens', 'gen_ai.usage.output_tokens', 'gen_ai.usage.cache_read.input_tokens', 'gen_ai.conversation.id'].map((key) => call[key]),
    ['chat', 'gcp.gemini', 'gemini-2.0-flash', 1200, 40, 200, 'otlp-session-1']);
  assert.deepEqual(call['gen_ai.response.finish_reasons'], ['stop']);
  assert.equal(JSON.parse(call['gen_ai.input.messages'])[1].parts[0].content, 'Do you have a linen shirt?');

  const metrics = Object.fromEntries(sent.metrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics)).map((one) => [one.name, one]));
  assert.deepEqual(Object.keys(metrics).sort(), ['catalog.search.duration', 'chat.health', 'checkout.order.count']);
  const orders = metrics['checkout.order.count'].sum;
  assert.deepEqual([orders.isMonotonic, orders.aggregationTemporality, orders.dataPoints[0].asDouble], [true, 'AGGREGATION_TEMPORALITY_DELTA', 1]);
  assert.deepEqual(table(orders.dataPoints[0].attributes), { currency: 'EUR' });
  const [searched] = metrics['catalog.search.duration'].exponentialHistogram.dataPoints;
  assert.deepEqual([Number(searched.count), searched.sum, searched.min, searched.max], [1, 0.004, 0.004, 0.004]);
  const base = 2 ** (2 ** -searched.scale);
  const upper = base ** ((searched.positive.offset ?? 0) + searched.positive.bucketCounts.length);
  assert.ok(upper >= 0.004 && upper / base < 0.004, `the bucket ends at ${upper}`);

  const records = sent.logs.flatMap(({ scopeLogs }) => scopeLogs.flatMap((scope) => scope.logRecords));
  assert.deepEqual(records.map((record) => [record.body.stringValue, record.severityText]), [['searched', 'info'], ['card was declined', 'warn']]);
  assert.deepEqual(table(records[1].attributes), { brand: 'visa', 'session.id': 'otlp-session-1', 'user.id': 'otlp-user-1' });
  assert.equal(hex(records[1].traceId), hex(root.traceId));
  assert.equal(hex(records[1].spanId), hex(root.spanId));
});

test('hostile text stays text', async () => {
  const session = 's"]}\n<script>|#,:=%41';
  const run = await chat(session, 'u\r\nX-Evil: 1');
  assert.equal(run.code, 0, run.stderr);
  const spans = (await decoded()).traces.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  assert.ok(spans.every((span) => table(span.attributes)['session.id'] === session));
});

test('each signal goes where its own setting says', async () => {
  const run = await chat('s', 'u', { OTEL_LOGS_EXPORTER: 'console', OTEL_METRICS_EXPORTER: 'none', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${recorder.url}/v1/traces` });
  assert.equal(run.code, 0, run.stderr);
  assert.equal(run.stdout.trim().split('\n').length, 2, 'lines as without OTLP');
  const sent = await decoded();
  assert.deepEqual([sent.traces.length > 0, sent.metrics.length, sent.logs.length], [true, 0, 0]);
});

test('switched off, nothing leaves the program', async () => {
  const run = await chat('s', 'u', { OTEL_SDK_DISABLED: 'true' });
  assert.equal(run.code, 0, run.stderr);
  assert.equal(run.stdout, '');
  assert.deepEqual(recorder.exchanges, []);
});

test('a setting that cannot be used is named', async () => {
  const run = await chat('s', 'u', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
  assert.equal(run.code, 2);
  assert.match(run.stderr, /OTEL_EXPORTER_OTLP_PROTOCOL=grpc: expected http\/protobuf/);
});

test('a service of the shop speaks it as well', async () => {
  const shop = await Shop.start({ server: { agentUrl: 'http://127.0.0.1:1', listeners: { dogstatsd: '127.0.0.1:9' } }, services: ['currencyservice'], env: { OTEL_EXPORTER_OTLP_ENDPOINT: recorder.url, OTEL_METRIC_EXPORT_INTERVAL: '500' } });
  try {
    const reply = await shop.call('currencyservice', 'currency', 'CurrencyService/Convert', { amount: { currencyCode: 'EUR', units: 1 }, toCurrency: 'USD' }, { metadata: { session_id: 'otlp-shop-1' } });
    assert.equal(reply.status, 'OK', reply.message);
    await pollUntil('all three signals', () => ['/v1/traces', '/v1/metrics', '/v1/logs'].every((path) => recorder.exchanges.some((one) => one.path === path)));
    await pollUntil('the call is counted', () => recorder.exchanges.some((one) => one.path === '/v1/metrics' && one.body.includes('grpc.server.request.count')));
  } finally {
    await shop.stop();
  }
  const sent = await decoded();
  const services = new Set([...sent.traces, ...sent.metrics, ...sent.logs].map(({ resource }) => table(resource.attributes)['service.name']));
  assert.deepEqual([...services], ['currencyservice']);
});
