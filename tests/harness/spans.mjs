// Spans made by hand, sent as tracers and LLM Observability clients send them, and questions about what was stored.
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { exchange } from './recorder.mjs';
import { encode } from './msgpack.mjs';

// Where the store listens, inside the data directory.
const kStoreSocket = 'store/engine.sock';

let last = BigInt(Date.now()) * 1_000_000n;
// Unlike any other of this process, and never 0.
export const newId = () => (last += 1n);
export const nowNs = () => BigInt(Date.now()) * 1_000_000n;

// A v0.4 span. Root of a trace of its own unless told otherwise; ended just now.
export function span(more = {}) {
  const id = more.span_id ?? newId();
  const duration = more.duration ?? 50_000_000;
  return {
    service: 'e2e', name: 'e2e.work', resource: 'work', trace_id: id, span_id: id, parent_id: 0n, start: nowNs() - BigInt(duration), duration, error: 0,
    type: 'web', ...more, meta: { env: 'test', ...more.meta }, metrics: { _sampling_priority_v1: 1, '_dd.top_level': more.parent_id ? 0 : 1, ...more.metrics },
  };
}

// Today's Python way: the LLM side inside the span's meta_struct. `llm`: {kind, model, provider, input, output, metrics,
// session, user, tags, parent, app, more}.
export function llmSpan(llm = {}, more = {}) {
  const made = span({ name: 'llm.call', resource: llm.name ?? 'chat', type: 'llm', service: 'e2e-chat', ...more });
  const tags = { ml_app: llm.app ?? 'e2e-app', service: made.service, env: 'test', ...(llm.user ? { user_id: llm.user } : {}), ...llm.tags };
  made.meta_struct = { _llmobs: encode({
    name: llm.name ?? 'chat', parent_id: llm.parent ?? 'undefined', trace_id: made.trace_id.toString(16).padStart(32, '0'), ml_app: llm.app ?? 'e2e-app',
    session_id: llm.session, tags, metrics: llm.metrics ?? {},
    meta: {
      span: { kind: llm.kind ?? 'llm' }, model_name: llm.model ?? 'gpt-4o-mini', model_provider: llm.provider ?? 'openai',
      input: messages('user', llm.input), output: messages('assistant', llm.output), metadata: {}, ...llm.more,
    },
  }) };
  return made;
}

const messages = (role, content) => (content === undefined ? {} : { messages: [{ role, content }] });

// The same span as an LLM Observability event, as the agent's proxy and the agentless intake get it.
export function llmEvent(llm = {}, made = span()) {
  return {
    '_dd.stage': 'raw', '_dd.tracer_version': '4.0.0', event_type: 'span', spans: [{
      span_id: String(made.span_id), trace_id: made.trace_id.toString(16).padStart(32, '0'), parent_id: llm.parent ?? 'undefined', name: llm.name ?? 'chat',
      start_ns: Number(made.start), duration: made.duration, status: made.error ? 'error' : 'ok', session_id: llm.session, service: made.service,
      meta: {
        span: { kind: llm.kind ?? 'llm' }, model_name: llm.model ?? 'gpt-4o-mini', model_provider: llm.provider ?? 'openai',
        input: messages('user', llm.input), output: messages('assistant', llm.output), metadata: {}, ...llm.more,
      },
      metrics: llm.metrics ?? {},
      tags: [`ml_app:${llm.app ?? 'e2e-app'}`, `service:${made.service}`, 'env:test', ...(llm.user ? [`user_id:${llm.user}`] : []),
        ...Object.entries(llm.tags ?? {}).map(([key, value]) => `${key}:${value}`)],
      _dd: { span_id: String(made.span_id), trace_id: made.trace_id.toString(16).padStart(32, '0'), apm_trace_id: made.trace_id.toString(16).padStart(32, '0') },
    }],
  };
}

const kTracer = { 'datadog-meta-lang': 'nodejs', 'datadog-meta-lang-version': '22', 'datadog-meta-tracer-version': '6.0.0' };

// `traces`: arrays of spans, or bytes that are sent as they are.
export function sendTraces(server, traces, { version = 'v0.4', headers = {} } = {}) {
  const body = traces instanceof Uint8Array ? traces : encode(traces);
  return exchange(server.agentUrl, {
    method: 'PUT', path: `/${version}/traces`, headers: { 'content-type': 'application/msgpack', ...kTracer, ...headers }, body,
  });
}

export function sendEvents(server, events, { agentless = false, headers = {} } = {}) {
  return exchange(agentless ? server.url : server.agentUrl, {
    method: 'POST', path: agentless ? '/api/v2/llmobs' : '/evp_proxy/v2/api/v2/llmobs',
    headers: { 'content-type': 'application/json', ...(agentless ? { 'dd-api-key': server.apiKey } : { 'x-datadog-evp-subdomain': 'llmobs-intake' }), ...headers },
    body: Buffer.isBuffer(events) ? events : Buffer.from(JSON.stringify(events)),
  });
}

// One statement to the engine itself, past every interface of the server: rows as objects.
export function storeRows(server, sql) {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      socketPath: join(server.dataDir, kStoreSocket), method: 'POST', agent: false, path: '/?default_format=JSONEachRow', headers: { 'content-length': Buffer.byteLength(sql) },
    }, async (reply) => {
      let text = '';
      try {
        for await (const chunk of reply) text += chunk;
      } catch (error) { return reject(error); }
      if (reply.statusCode !== 200) return reject(new Error(`${sql}: ${reply.statusCode} ${text.slice(0, 300)}`));
      resolve(text.split('\n').filter(Boolean).map((line) => JSON.parse(line)));
    });
    outgoing.setTimeout(30_000, () => outgoing.destroy(new Error(`no answer of the store within 30 s: ${sql}`)));
    outgoing.on('error', reject);
    outgoing.end(sql);
  });
}
