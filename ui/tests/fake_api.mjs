// A small server that answers what `godseye serve` answers, with made-up but plausible data, so that the pages can be
// worked on and tested without one. It serves ui/dist too. Run: `npm run fake-api` (port 8080, or PORT). Tests import
// `startFakeApi` and use the returned object to change the world: open an incident, end the stream, ask for keys.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answerAccess, makeAccess } from './fake_access.mjs';
import { answerDowntimes, makeDowntimes } from './fake_downtimes.mjs';
import { answerWork, makeWork } from './fake_work.mjs';
import { answerGateway, makeGateway } from './fake_gateway.mjs';
import { answerMonitors } from './fake_monitors.mjs';
import { answerNotifications, makeNotifications } from './fake_notifications.mjs';
import { addTrace, answerTraces, makeTraces } from './fake_traces.mjs';

const kDist = fileURLToPath(new URL('../dist/', import.meta.url));
const kTypes = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const kPolicy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; " +
  "frame-ancestors 'none'; form-action 'self'";
export const kHostile = '<img src=x onerror=alert(1)>';
export const kApiKey = '0123456789abcdef0123456789abcdef';
export const kAppKey = '0123456789abcdef0123456789abcdef01234567';

export async function startFakeApi({ port = 0, keys = false, groups = 3000 } = {}) {
  const world = makeWorld(groups);
  const streams = new Set();
  const server = createServer((request, response) => {
    answer(world, streams, request, response).catch((error) => send(response, 500, { errors: [String(error)] }));
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  world.keysRequired = keys;
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    world,
    event(name, data) {
      for (const stream of streams) stream.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    openIncident(who) {
      const incident = makeIncident(world, world.incidents.length + 1, who, 0, null);
      world.incidents.unshift(incident);
      this.event('incident', { id: incident.id, state: 'active' });
      return incident;
    },
    addTrace() {
      addTrace(world.traceData, now());
      this.event('metrics', {});
    },
    dropStreams() {
      for (const stream of streams) stream.destroy();
    },
    async stop() {
      world.gateway.stop();
      for (const stream of streams) stream.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const now = () => Math.floor(Date.now() / 1000);
const iso = (time_s) => new Date(time_s * 1000).toISOString();

// A number in [0, 1) from text: the same text gives the same number, so that charts look alike on every reload.
function noise(text) {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 2246822507);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

const kMetrics = [
  'frontend.error.count',
  'frontend.request.count',
  'frontend.request.duration',
  'llm.cost.usd',
  'llm.recommendation.invalid_product_rate',
  'llm.request.cost',
  'llm.request.duration',
  'llm.request.error',
  'llm.response.quality_score',
  'llm.security.injection_attempt_score',
  'llm.security.refused_messages',
  'llm.security.suspicious_messages',
  'llm.tokens.input',
  'llm.tokens.output',
  'tryon.security.decompression_bomb',
];

const kServices = ['chatbot', 'peau-agent', 'shopping-assistant', 'frontend', 'checkout'];

function makeWorld(groups) {
  const world = { keysRequired: false, liveOff: false, incidents: [], monitors: [], sessions: [], started: now(), traceData: makeTraces(now()), gateway: makeGateway(now()), downtimes: makeDowntimes(now()), notifications: makeNotifications(now()), access: makeAccess(now()), work: makeWork(now()) };
  world.openIncident = (title, severity) => {
    const made = makeIncident(world, world.incidents.length + 1, 'service:by-hand', 0, null);
    Object.assign(made.attributes, { title, severity });
    world.incidents.unshift(made);
    return made;
  };
  for (let i = 0; i < groups; i++) world.sessions.push(`session_id:u${(i * 7919) % 99991}-${(i * 31) % 977}`);
  world.sessions[0] = 'session_id:mallory-77';
  world.sessions[1] = 'session_id:trent-12';
  world.monitors = [
    makeMonitor(world, 1, 'Prompt injection', 'max(last_1m):max:llm.security.injection_attempt_score{*} by {session_id} > 0.7', {
      critical: 0.7,
      warning: 0.5,
    }, 'session', 2, '@incident-prompt-injection'),
    makeMonitor(world, 2, 'Suspicious messages of one session', 'sum(last_1m):sum:llm.security.suspicious_messages{*} by {session_id}.as_count() > 5', { critical: 5 }, 'session', 1, '@incident-prompt-injection'),
    makeMonitor(world, 3, 'Hallucinated products', 'avg(last_10m):avg:llm.recommendation.invalid_product_rate{*} by {service,model} > 0.02', { critical: 0.02, warning: 0.01 }, 'service', 0, '@incident-hallucination'),
    makeMonitor(world, 4, 'Response quality', 'avg(last_5m):avg:llm.response.quality_score{*} by {service,model} < 0.6', { critical: 0.6, warning: 0.7 }, 'service', -1, '@incident-quality'),
    makeMonitor(world, 5, 'Cost per conversion', "avg(last_1h):avg:llm.cost_per_conversion{*} by {service} / moving_rollup(avg:llm.cost_per_conversion{*} by {service}, 604800, 'avg') > 2", { critical: 2 }, 'nodata', 0, '@case-cost'),
    makeMonitor(world, 6, 'Multimodal security', 'sum(last_10m):default_zero(sum:tryon.security.decompression_bomb{*} by {user_id}.as_count()) + default_zero(sum:tryon.security.invalid_image{*} by {user_id}.as_count()) > 3', { critical: 3 }, 'quiet', 0, '@incident-multimodal'),
  ];
  makeIncidents(world);
  return world;
}

function makeIncidents(world) {
  const open = [['session_id:mallory-77', 252], ['session_id:trent-12', 1980]];
  const closed = [['session_id:eve-4', 9000, 700], ['session_id:oscar-3', 30000, 1500], ['user_id:walter-9', 90000, 400], ['session_id:' + kHostile, 200000, 60]];
  let n = closed.length + open.length;
  for (const [who, age] of open) world.incidents.push(makeIncident(world, n--, who, age, null));
  for (const [who, age, lasted] of closed) world.incidents.push(makeIncident(world, n--, who, age, age - lasted));
}

function makeMonitor(world, id, name, query, thresholds, kind, alerting, handle) {
  const groups = {};
  const names = { session: world.sessions, service: kServices.slice(0, 3).map((s) => `service:${s},model:gemini-2.0-flash`), nodata: ['service:chatbot'], quiet: [] }[kind];
  names.forEach((group, i) => {
    const alert = i < alerting;
    const warn = !alert && (alerting < 0 ? i === 1 : kind === 'session' && i < alerting + 3);
    groups[group] = {
      name: group,
      status: kind === 'nodata' ? 'No Data' : alert ? 'Alert' : warn ? 'Warn' : 'OK',
      last_triggered_ts: alert || warn ? now() - 240 - i * 1700 : null,
      last_notified_ts: alert ? now() - 240 - i * 1700 : null,
      last_resolved_ts: !alert && !warn && noise(group) > 0.9 ? now() - 4000 - i : null,
      last_nodata_ts: kind === 'nodata' ? now() - 5000 : null,
    };
  });
  const states = Object.values(groups).map((g) => g.status);
  return {
    id: 4100 + id,
    name,
    type: 'query alert',
    query,
    message: `{{#is_alert}}\n**{{value}}** for {{session_id.name}} is above {{threshold}}.\n\n### What to do next\n1. Open the session and read its last messages.\n2. If it is an attack, leave the block in place and \`rotate\` what leaked.\n3. If it is a false alarm, resolve the incident with a note.\n{{/is_alert}}\n{{#is_recovery}}The session fell silent.{{/is_recovery}}\n${handle}`,
    tags: ['team:trust', 'rule:' + id],
    priority: id < 3 ? 1 : 3,
    created: iso(now() - 86400 * 12),
    modified: iso(now() - 86400 * 2),
    multi: true,
    overall_state: ['Alert', 'Warn', 'No Data', 'OK'].find((s) => states.includes(s)) ?? 'No Data',
    options: { thresholds, on_missing_data: 'resolve', new_group_delay: 0, require_full_window: false, include_tags: true },
    state: { groups },
  };
}

function makeIncident(world, number, who, age_s, resolved_age_s) {
  const opened = now() - age_s;
  const resolved = resolved_age_s === null ? null : now() - resolved_age_s;
  const state = resolved === null ? 'active' : 'resolved';
  const key = who.slice(0, who.indexOf(':'));
  return {
    id: `${String(number).padStart(8, '0')}-5e1f-4c5a-9d0e-000000000000`,
    type: 'incidents',
    attributes: {
      title: `Prompt injection: ${who}`,
      public_id: number,
      state,
      severity: number % 3 === 0 ? 'SEV-2' : 'SEV-1',
      created: iso(opened),
      declared: iso(opened),
      detected: iso(opened),
      modified: iso(resolved ?? opened),
      resolved: resolved === null ? null : iso(resolved),
      customer_impacted: false,
      fields: {
        state: { type: 'dropdown', value: state },
        severity: { type: 'dropdown', value: 'SEV-1' },
        detection_method: { type: 'dropdown', value: 'monitor' },
        attributed_to: { type: 'textbox', value: who },
        monitor_id: { type: 'textbox', value: '4101' },
        incident_handle: { type: 'textbox', value: 'incident-prompt-injection' },
        summary: { type: 'textbox', value: `What: Prompt injection (${who})\n\nWhy: value 0.93 > 0.7 over last_1m until ${iso(opened).slice(11, 19)} UTC, since ${iso(opened).slice(11, 19)} UTC. Query: \`max(last_1m):max:llm.security.injection_attempt_score{*} by {${key}} > 0.7\`` + '\n\nNext: 1. Open the session and read its last messages.\n2. If it is an attack, leave the block in place and `rotate` what leaked.\n3. If it is a false alarm, resolve this incident with a note.' },
      },
    },
    relationships: {},
    timeline: [
      { time: iso(opened), kind: 'transition', text: '**Triggered**: value 0.93 > 0.7 over last_1m.', data: { from: 'OK', to: 'Alert' } },
      { time: iso(opened + 1), kind: 'delivery', text: '@webhook-security called: 200 in 41 ms' },
      ...(resolved === null ? [] : [{ time: iso(resolved), kind: 'transition', text: '**Recovered**: no data over last_1m.', data: { from: 'Alert', to: 'OK' } }]),
    ],
  };
}

function seriesFor(world, query, from, to) {
  const by = [...query.matchAll(/by\s*\{([^}]*)\}/g)].at(-1)?.[1]?.split(',').map((k) => k.trim());
  const scope = /\{([^}]*)\}/.exec(query)?.[1] ?? '*';
  const metric = /([a-z_]+(?:\.[a-z_0-9]+)+)\s*\{/i.exec(query)?.[1] ?? 'demo';
  if (!kMetrics.includes(metric)) return [];
  const interval = [10, 20, 60, 300, 600].find((i) => (to - from) / i <= 300) ?? 3600;
  let groups = [[]];
  if (by?.includes('session_id')) {
    const limit = /^top\(/.test(query) ? 20 : world.sessions.length;
    groups = [...world.sessions.slice(0, limit - 1), 'session_id:' + kHostile].map((s) => [s]);
    const named = /session_id:([^,}]+)/.exec(scope);
    if (named) groups = groups.filter(([s]) => s === named[0]);
  } else if (by) groups = kServices.map((s) => by.map((key) => `${key}:${key === 'service' ? s : 'gemini-2.0-flash'}`));
  return groups.map((group) => {
    const name = group.join(',');
    const pointlist = [];
    for (let t = Math.ceil(from / interval) * interval; t < to; t += interval) pointlist.push([t * 1000, valueAt(metric, name + scope, t, to)]);
    const kept = pointlist.filter(([, v]) => v !== null);
    return {
      metric, display_name: metric, expression: by ? query.replace(/\{[^}]*\}\s*by\s*\{[^}]*\}/, `{${name}}`) : query,
      scope: name || '*', tag_set: group, interval, length: kept.length, pointlist: kept, start: from * 1000, end: to * 1000,
      aggr: 'avg', query_index: 0, unit: null,
    };
  });
}

function valueAt(metric, group, t, to) {
  const base = noise(metric + group);
  if (metric.startsWith('llm.security') && group.includes('session_id')) {
    const attacker = /mallory|trent/.test(group);
    const start = attacker ? to - (group.includes('mallory') ? 420 : 2100) : to - base * 3400;
    if (t < start || (!attacker && t > start + 200)) return null;
    return attacker ? Math.min(0.97, 0.55 + 0.42 * noise(group + Math.floor(t / 20))) : 0.04 + 0.3 * noise(group + t) * base;
  }
  const wave = Math.sin(t / 900 + base * 6) * 0.25 + Math.sin(t / 210 + base * 3) * 0.08;
  const scale = metric.includes('tokens') ? 900 : metric.includes('count') ? 40 : metric.includes('cost') ? 0.02 : 1.4;
  return Math.max(0, scale * (0.6 + base * 0.7 + wave + 0.1 * noise(group + t)));
}

async function answer(world, streams, request, response) {
  const url = new URL(request.url, 'http://localhost');
  const path = url.pathname;
  if (!path.startsWith('/api/') && path !== '/health') return file(path, response);
  const keyed = request.headers['dd-api-key'] === kApiKey && request.headers['dd-application-key'] === kAppKey;
  if (world.keysRequired && !keyed && path !== '/api/godseye/v1/access/session') {
    return send(response, request.headers['x-godseye-page'] ? 401 : 403, { errors: ['Forbidden'] });
  }
  if (await answerAccess(world, path, request, response, { send, body }, keyed)) return;
  const q = url.searchParams;
  if (await answerMonitors(world, path, q, request, response, { send, body })) return;
  const monitor = /^\/api\/v1\/monitor\/(\d+)$/.exec(path);
  const incident = /^\/api\/v2\/incidents\/([^/]+)$/.exec(path);
  const timeline = /^\/api\/godseye\/v1\/incidents\/([^/]+)\/timeline$/.exec(path);
  if (await answerWork(world, path, q, request, response, { send, body, cell, withoutTimeline })) return;
  if (path === '/api/v1/query') return query(world, q, response);
  if (path === '/api/v1/metrics') return send(response, 200, { from: q.get('from'), metrics: kMetrics });
  if (path === '/api/v1/search') {
    const part = (q.get('q') ?? '').replace('metrics:', '');
    return send(response, 200, { results: { metrics: kMetrics.filter((m) => m.includes(part)), hosts: [] } });
  }
  if (path === '/api/v1/monitor') return send(response, 200, world.monitors);
  if (monitor) {
    const found = world.monitors.find((m) => m.id === Number(monitor[1]));
    return found ? send(response, 200, found) : send(response, 404, { errors: ['Monitor not found'] });
  }
  if (path === '/api/v2/incidents') {
    const size = Number(q.get('page[size]') ?? 10);
    const offset = Number(q.get('page[offset]') ?? 0);
    const data = world.incidents.slice(offset, offset + size).map(withoutTimeline);
    return send(response, 200, { data, meta: { pagination: { offset, size: data.length, next_offset: offset + data.length } } });
  }
  const found = world.incidents.find((i) => i.id === (incident ?? timeline)?.[1]);
  if (incident || timeline) {
    if (!found) return send(response, 404, { errors: ['Incident not found'] });
    if (timeline) return send(response, 200, { data: found.timeline.map(cell) });
    if (request.method === 'PATCH') patch(found, JSON.parse(await body(request)));
    return send(response, 200, { data: withoutTimeline(found) });
  }
  if (path === '/api/godseye/v1/inspect/text') return send(response, 200, inspectText(JSON.parse(await body(request))));
  if (path === '/api/godseye/v1/inspect/image') return send(response, 200, inspectImage(q, await body(request)));
  if (path === '/api/godseye/v1/ingestion') return send(response, 200, ingestion(world));
  if (path === '/api/godseye/v1/health' || path === '/health') return send(response, 200, health());
  if (path === '/api/godseye/v1/live' && !world.liveOff) return live(streams, response);
  if (await answerDowntimes(world, path, request, response, { send, body })) return;
  if (await answerNotifications(world.notifications, path, q, request, response, { send, body })) return;
  if (await answerGateway(world.gateway, path, q, request, response, { send, body })) return;
  if (await answerTraces(world, path, q, request, response, send)) return;
  return send(response, 404, { errors: [`no such path: ${path}`] });
}

function cell({ time, kind, text, data = {}, author = null }, i) {
  const attributes = { time, time_s: Date.parse(time) / 1000, kind, cell_type: 'markdown', content: { content: text }, data, author };
  return { id: String(i + 1), type: 'incident_timeline_cells', attributes };
}

function withoutTimeline({ timeline: _, ...rest }) {
  return rest;
}

function patch(incident, { data: { attributes: { fields = {} } = {}, relationships } }) {
  const { attributes } = incident;
  if (fields.severity) attributes.severity = fields.severity.value;
  if (relationships?.commander_user) incident.relationships = { commander_user: relationships.commander_user };
  if (!fields.state) return;
  attributes.fields.state.value = fields.state.value;
  attributes.state = fields.state.value;
  attributes.resolved = fields.state.value === 'resolved' ? iso(now()) : null;
  incident.timeline.push({ time: iso(now()), kind: 'change', text: `Changed by hand: state ${fields.state.value}` });
}

function query(world, q, response) {
  const text = q.get('query') ?? '';
  const from = Number(q.get('from'));
  const to = Number(q.get('to'));
  const brace = text.indexOf('{');
  if (brace < 0) return send(response, 400, { errors: [`column ${Buffer.byteLength(text) + 1}: expected '{' after the metric name`] });
  const by = /by\s+(?!\{)/.exec(text);
  if (by) return send(response, 400, { errors: [`column ${Buffer.byteLength(text.slice(0, by.index + by[0].length)) + 1}: expected '{' after 'by'`] });
  return send(response, 200, {
    status: 'ok', res_type: 'time_series', query: text, from_date: from * 1000, to_date: to * 1000, group_by: [], message: '',
    series: seriesFor(world, text, from, to),
  });
}

function live(streams, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': hello\n\n');
  streams.add(response);
  const tick = setInterval(() => response.write(': keep-alive\n\n'), 10_000);
  response.on('close', () => {
    clearInterval(tick);
    streams.delete(response);
  });
}

function ingestion(world) {
  const t = now() - world.started + 5000;
  return {
    paths: [
      { path: 'dogstatsd', bytes_in: t * 91_000, events_in: t * 1240, events_out: t * 412, errors: { decode: 12, refused: 0 }, discarded: 40 },
      { path: 'series_v1', bytes_in: t * 1200, events_in: t * 8, events_out: t * 8, errors: {}, discarded: 0 },
      { path: 'series_v2', bytes_in: t * 5400, events_in: t * 52, events_out: t * 52, errors: { decode: 2 }, discarded: 0 },
      { path: 'distribution_points', bytes_in: 0, events_in: 0, events_out: 0, errors: {}, discarded: 0 },
    ],
    contexts: { active: 10412, max: 1000000, refused: [{ metric: 'checkout.debug.by_request', refused: 18231 }, { metric: 'demo.' + kHostile, refused: 12 }] },
    journal: { segments: 2, bytes: 1_804_233, bytes_max: 2_000_000_000, set_aside: 0 },
    store: { state: 'ok', points_stored: t * 470, segments_stored: Math.floor(t / 10), lag_ms: 3400, engine_restarts: 0, engine_version: '25.8' },
    spans: {
      intake: { spans_in: t * 43, spans_out: t * 43 - 12, duplicates: 12, llm_spans: t * 9, price_unknown: 3 },
      gap: world.gap ?? { spans: 0, oldest_ms: 0 },
      rows: [
        { client: 'python', version: '4.10.6', path: 'v0.4', received: t * 31, accepted: t * 31 - 14, stored: t * 31 - 14, queryable: t * 31 - 40, refused: 0, dropped: { duplicate: 12, zero_id: 2 }, last_seen_s: now() - 1 },
        { client: 'nodejs', version: '6.3.0', path: 'v0.4', received: t * 12, accepted: t * 12, stored: t * 12, queryable: t * 12, refused: 0, dropped: {}, last_seen_s: now() - 2 },
        { client: kHostile, version: '', path: 'evp_proxy', received: 5, accepted: 5, stored: 5, queryable: 5, refused: 0, dropped: {}, last_seen_s: now() - 900 },
      ],
    },
    http: { connections_open: 3, requests: t * 3, refused_busy: 0 },
  };
}

function health() {
  return { status: 'ok', checks: { journal: { status: 'ok' }, store: { status: 'ok' }, registry: { status: 'ok' } } };
}

async function file(path, response) {
  const name = normalize(decodeURIComponent(path)).replace(/^(\.\.[/\\])+/, '');
  const asset = extname(name) !== '' ? await readFile(join(kDist, name)).catch(() => null) : null;
  if (extname(name) !== '' && asset === null) return send(response, 404, { errors: ['no such file'] });
  response.writeHead(200, {
    'content-type': kTypes[extname(name)] ?? kTypes['.html'],
    'content-security-policy': kPolicy,
    'x-content-type-options': 'nosniff',
  });
  response.end(asset ?? (await readFile(join(kDist, 'index.html'))));
}

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function send(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fake = await startFakeApi({ port: Number(process.env.PORT ?? 8080), keys: process.argv.includes('--keys') });
  console.log(`fake API at ${fake.url}`);
}

// Offsets are bytes, as the server counts them.
function inspectText(asked) {
  const text = asked.text ?? asked.answer;
  const passages = [];
  const entities = [];
  const bytes = (index) => Buffer.byteLength(text.slice(0, index));
  for (const match of text.matchAll(/ignore all previous[^.]*\./gi)) {
    passages.push({ start: bytes(match.index), end: bytes(match.index + match[0].length), score: 0.97, reasons: ['override', 'model:text'] });
  }
  for (const match of text.matchAll(/\S+@\S+\w/g)) {
    entities.push({ type: 'EMAIL', start: bytes(match.index), end: bytes(match.index + match[0].length), score: 1 });
  }
  const bad = passages.length > 0;
  const answer = asked.answer === undefined ? {} : {
    quality: { score: 0.41, parts: { relevance: 0.2 }, reasons: ['relevance'], product_ids: [] },
    grounding: { measured: true, score: 0.3, similarity: 0.4, ungrounded: true, claims: 3, supported: 1, unsupported: [] },
  };
  return { score: bad ? 0.97 : 0.02, label: bad ? 'injection' : 'benign', reasons: bad ? ['override', 'model:text'] : [], entities, passages, ...answer };
}

function inspectImage(query, text) {
  const picture = text.startsWith('GIF89a');
  const lie = picture && !/\.gif$/.test(query.get('filename') ?? '');
  const reasons = !picture ? [{ kind: 'not_an_image', verdict: 'invalid', detail: 'the bytes are not of any supported image format' }]
    : lie ? [{ kind: 'type_mismatch', verdict: 'malicious', detail: 'the content is gif, the name or content type says otherwise' }] : [];
  const decode = query.get('decode') && reasons.length === 0
    ? { decode: { state: 'complete', width: 1, height: 1, frames: 1, decoded_bytes: 1, ratio: 0.1, pixel_entropy_bits: 0, peak_memory_bytes: 4e6, elapsed_ms: 3 } } : {};
  return { verdict: reasons[0]?.verdict ?? 'ok', kind: reasons[0]?.kind ?? 'ok', format: picture ? 'gif' : 'unknown', reasons,
    width: picture ? 1 : 0, height: picture ? 1 : 0, frames: picture ? 1 : 0, decoded_bytes: picture ? 4 : 0, ...decode };
}
