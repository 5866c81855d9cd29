// What the pages of monitors and of the system ask beyond Datadog's API, made up.
import { kHostileTexts } from './fake_traces.mjs';

const now = () => Math.floor(Date.now() / 1000);

export async function answerMonitors(world, path, q, request, response, { send, body }) {
  const read = async () => JSON.parse((await body(request)) || '{}');
  const say = (status, value) => (send(response, status, value), true);
  const of = /^\/api\/godseye\/v1\/monitors\/(\d+)\/(history|groups)$/.exec(path);
  if (of) {
    const monitor = world.monitors.find((one) => one.id === Number(of[1]));
    if (!monitor) return say(404, { errors: ['Monitor not found'] });
    return say(200, of[2] === 'history' ? history(q) : groups(world, monitor, q));
  }
  if (path === '/api/godseye/v1/handles') {
    return say(200, { handles: [{ handle: 'webhook-ops', kind: 'webhook', about: 'webhook' }, { handle: `slack-${kHostileTexts[0]}`, kind: 'slack', about: kHostileTexts[0] }] });
  }
  if (path === '/api/godseye/v1/monitors/preview') return preview(await read(), say);
  if (path === '/api/godseye/v1/monitors/try') return say(200, trial(await read()));
  if (path === '/api/godseye/v1/system') return say(200, system(world));
  if (path === '/api/godseye/v1/audit' && (q.get('target') ?? '').startsWith('monitor:')) {
    return say(200, { entries: [{ id: 1, time: now() - 500, actor: 'api', action: 'monitor.update', target: 'monitor:4101', automatic: false, before: { name: 'Old', options: { timeout_h: 1 } }, after: { name: kHostileTexts[0], options: { timeout_h: 2 } } }] });
  }
  if (/^\/api\/v1\/monitor\/(\d+\/)?validate$/.test(path)) {
    const wrong = judge(await read());
    return wrong ? say(400, { errors: [wrong] }) : say(200, {});
  }
  if (path === '/api/v1/monitor' && request.method === 'POST') {
    const sent = await read();
    const wrong = judge(sent);
    if (wrong) return say(400, { errors: [wrong] });
    world.sent = sent;
    world.monitors.push({ ...sent, id: 4200 + world.monitors.length, overall_state: 'No Data', state: { groups: {} } });
    return say(200, world.monitors.at(-1));
  }
  const one = /^\/api\/v1\/monitor\/(\d+)$/.exec(path);
  if (one && request.method === 'PUT') {
    const monitor = world.monitors.find((m) => m.id === Number(one[1]));
    world.sent = await read();
    Object.assign(monitor, world.sent, { options: { ...monitor.options, ...world.sent.options } });
    return say(200, monitor);
  }
  if (one && request.method === 'DELETE') {
    if (world.inUse === Number(one[1])) return say(409, { errors: [`monitor ${one[1]} is part of the composite monitor 9`] });
    world.monitors = world.monitors.filter((m) => m.id !== Number(one[1]));
    return say(200, { deleted_monitor_id: Number(one[1]) });
  }
  return false;
}

// A little of what the server says.
function judge(monitor) {
  const at = monitor.query?.indexOf('{') ?? -1;
  if (monitor.type === 'query alert' && at < 0) return `query: column ${(monitor.query ?? '').length}: expected '{' after the metric name`;
  const { critical, warning } = monitor.options?.thresholds ?? {};
  if (typeof critical === 'string') return 'options.thresholds.critical: expected a number';
  if (warning !== undefined && warning === critical) return 'options.thresholds.warning: equals the critical threshold, so there would be no warning before it';
  if (typeof monitor.options?.renotify_interval === 'string') return 'options.renotify_interval: expected a number';
  if (/\{\{#is_alert\}\}(?![\s\S]*\{\{\/is_alert\}\})/.test(monitor.message ?? '')) return 'message: line 1, column 1: {{#is_alert}} is not closed';
  return null;
}

function preview({ monitor, sample }, say) {
  const wrong = judge({ ...monitor, query: 'm{*}' });
  if (wrong) return say(400, { errors: [wrong] });
  const alert = sample.status === 'Alert';
  const keep = (text, name, on) => text.replace(new RegExp(`\\{\\{#${name}\\}\\}([\\s\\S]*?)\\{\\{/${name}\\}\\}`, 'g'), on ? '$1' : '');
  const text = keep(keep(monitor.message ?? '', 'is_alert', alert), 'is_recovery', sample.status === 'OK')
    .replaceAll('{{value}}', String(sample.value)).replace(/\{\{[\w.]+\.name\}\}/g, sample.group.split(':')[1] ?? '').replaceAll('<', '&lt;');
  const uses = (t) => [...new Set([...t.matchAll(/@([\w-]+)/g)].map((m) => m[1]))];
  const use = (handle) => ({ handle, kind: handle.split('-')[0], known: /^(incident|case)-.|^webhook-ops$/.test(handle), note: /^(incident|case)-.|^webhook-ops$/.test(handle) ? '' : 'not configured: nobody is told by it' });
  const told = uses(text);
  return say(200, { title: `[${alert ? 'Triggered' : 'Recovered'} on {${sample.group}}] ${monitor.name}`, text, priority: 0, cut: false, handles: told.map(use), other_handles: uses(monitor.message ?? '').filter((h) => !told.includes(h)).map(use) });
}

function history(q) {
  const to = Number(q.get('to') ?? now());
  const from = Number(q.get('from') ?? to - 3600);
  const transitions = [];
  const groups = ['session_id:mallory-77', 'session_id:trent-12', `session_id:${kHostileTexts[0]}`, ...Array.from({ length: 20 }, (_, i) => `session_id:u${i}`)];
  groups.forEach((group, i) => {
    const start = to - 3000 + i * 60;
    transitions.push({ id: i * 2, time: start, group, from: 'OK', to: i % 4 === 3 ? 'Warn' : 'Alert', kind: 'Triggered', value: 0.9, threshold: 0.7, notes: i === 22 ? '@webhook-gone: not known here' : '' });
    if (i > 0) transitions.push({ id: i * 2 + 1, time: start + 200 + i * 10, group, from: i % 4 === 3 ? 'Warn' : 'Alert', to: 'OK', kind: 'Recovered', value: 0.1, threshold: 0.7 });
  });
  return { from, to, complete: true, transitions: transitions.filter((one) => one.time >= from).sort((a, b) => b.time - a.time) };
}

function groups(world, monitor, q) {
  const all = Object.values(monitor.state.groups);
  const extra = world.manyGroups ?? 0; // counted, never sent
  const needle = (q.get('search') ?? '').toLowerCase();
  const rank = ['Alert', 'Warn', 'No Data', 'OK'];
  const matching = all.filter((one) => one.name.toLowerCase().includes(needle)).sort((a, b) => rank.indexOf(a.status) - rank.indexOf(b.status));
  const found = matching.filter((one) => !q.get('status') || one.status === q.get('status'));
  const per = Number(q.get('per_page') ?? 50);
  const page = Number(q.get('page') ?? 0);
  const counts = {};
  for (const one of matching) counts[one.status] = (counts[one.status] ?? 0) + 1;
  if (extra > 0) counts.OK = (counts.OK ?? 0) + extra;
  return {
    total: all.length + extra, found: found.length + (q.get('status') ? 0 : extra), page, per_page: per, counts, left_out: world.leftOut ?? 0,
    groups: found.slice(page * per, (page + 1) * per).map((one) => ({ name: one.name, status: one.status, since: one.last_triggered_ts ?? one.last_resolved_ts ?? undefined, last_triggered_ts: one.last_triggered_ts ?? undefined, value: 0.42 })),
  };
}

// In two pieces, as a long trial comes.
function trial({ from, to, resume }) {
  const half = resume ? to : Math.floor((from + to) / 2);
  const transitions = resume
    ? [{ time: to - 500, kind: 'Recovered', from: 'Alert', to: 'OK', value: 0.2, threshold: 0.7, notify: true }]
    : [{ time: from + 300, kind: 'Triggered', from: 'OK', to: 'Alert', value: 0.9, threshold: 0.7, notify: true }];
  return {
    complete: Boolean(resume), from, to, evaluated_to: half, step: 10, evaluations: 100, evaluations_failed: 0,
    groups: [{ group: `session_id:${kHostileTexts[0]}`, status: 'OK', triggered: resume ? 0 : 1, alert_s: resume ? 0 : 700, warn_s: 0, no_data_s: 0, transitions, points: [] }],
    groups_total: 3, groups_left_out: 0, transitions_total: 1, transitions_left_out: 0, warnings: [], resume: resume ? [] : [{ group: 'x' }],
  };
}

function system(world) {
  const t = now() - world.started + 100;
  return {
    status: world.storeDown ? 'degraded' : 'ok', version: '0.1.0',
    facts: { started: world.started, uptime_s: t, process: 7, data_dir: '/var/lib/godseye', engine_version: '25.8', engine_process: 8, engine_resident_bytes: 4e8, registry_schema: 5, disk_bytes: 1e11, disk_free_bytes: 4e10, resident_bytes: 2e8, cpu_ms: t * 50, journal_bytes: 18e5, journal_bytes_max: 1e9, set_aside: 0, set_aside_reason: '' },
    parts: [{ name: 'journal', status: 'ok' }, world.storeDown ? { name: 'store', status: 'degraded', reason: kHostileTexts[0] } : { name: 'store', status: 'ok' }, { name: 'monitors', status: 'ok' }],
    alarms: world.storeDown ? [{ name: 'disk_will_be_full', text: 'free space or lower retention-days' }] : [],
    ...(world.storeDown ? { tables_error: 'the engine does not answer' } : { tables: [{ name: 'points', rows: 12_345_678, bytes: 4e8, parts: 12 }, { name: 'spans', rows: 33_000, bytes: 9e7, parts: 4 }] }),
    figures: [
      ...['dogstatsd', kHostileTexts[0]].map((p) => ({ name: 'intake.events_in', tags: { path: p }, value: t * 120, counter: true })),
      { name: 'process.cpu_ms', value: t * 250, counter: true }, { name: 'monitor.duration_ms', value: 42 }, { name: 'monitor.deadline_misses', value: 0, counter: true }, { name: 'store.lag_ms', value: 900 },
      ...Array.from({ length: 60 }, (_, i) => ({ name: `some.figure_${i}`, value: i })),
    ],
    settings: [{ name: 'http', value: '127.0.0.1:8080', origin: '--http' }, { name: 'clickhouse-password', value: '••••', origin: 'GODSEYE_CLICKHOUSE_PASSWORD' }, { name: 'alarm-url', value: '' }, { name: 'monitors', value: kHostileTexts[0], origin: 'godseye.yaml: monitors' }],
  };
}
