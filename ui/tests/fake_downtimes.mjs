// Downtimes and mutes as the server answers them, made up.
import { kHostileTexts } from './fake_traces.mjs';

const iso = (time_s) => (time_s === null ? null : new Date(time_s * 1000).toISOString().replace('.000', ''));

export function makeDowntimes(now_s) {
  const [img, , script] = kHostileTexts;
  return [
    downtime('d-1', 'active', { monitor_identifier: { monitor_id: 4101 }, scope: 'env:prod', message: 'weekly rollout', schedule: { timezone: 'Europe/Paris', recurrences: [{ rrule: 'FREQ=WEEKLY;BYDAY=TU', duration: '1h', start: '2026-01-06T09:00' }], current_downtime: { start: iso(now_s - 600), end: iso(now_s + 3000) } } }),
    downtime('d-2', 'scheduled', { monitor_identifier: { monitor_tags: ['team:shop', 'rule:2'] }, scope: '*', message: null, schedule: { start: iso(now_s + 86400), end: null } }),
    downtime('d-3', 'ended', { monitor_identifier: { monitor_tags: ['*'] }, scope: img, message: script, schedule: { start: iso(now_s - 90000), end: iso(now_s - 80000) } }),
    downtime('d-4', 'scheduled', { monitor_identifier: { monitor_tags: [img] }, scope: script, message: img, schedule: { start: iso(now_s + 900), end: iso(now_s + 4500) } }),
  ];
}

function downtime(id, status, attributes) {
  return { id, type: 'downtime', attributes: { status, canceled: null, ...attributes }, relationships: {} };
}

export async function answerDowntimes(world, path, request, response, { send, body }) {
  const mute = /^\/api\/v1\/monitor\/(\d+)\/(mute|unmute)$/.exec(path);
  if (mute) {
    const monitor = world.monitors.find((one) => one.id === Number(mute[1]));
    const asked = JSON.parse((await body(request)) || '{}');
    monitor.options.silenced = mute[2] === 'mute' ? { [asked.scope ?? '*']: asked.end ?? null } : {};
    send(response, 200, monitor);
    return true;
  }
  if (path === '/api/v2/downtime' && request.method === 'POST') {
    const { attributes } = JSON.parse(await body(request)).data;
    world.downtimeBody = attributes;
    if (attributes.scope === 'env:') send(response, 400, { errors: [{ title: 'Bad Request', detail: 'scope: expected a value after "env:"' }] });
    else {
      world.downtimes.unshift(downtime(`d-${world.downtimes.length + 1}`, 'active', attributes));
      send(response, 200, { data: world.downtimes[0] });
    }
    return true;
  }
  if (path === '/api/v2/downtime') {
    const included = world.monitors.map((one) => ({ id: one.id, type: 'monitors', attributes: { name: one.name } }));
    send(response, 200, { data: world.downtimes, included, meta: { page: { total_filtered_count: world.downtimes.length } } });
    return true;
  }
  const one = /^\/api\/v2\/downtime\/([^/]+)$/.exec(path);
  if (one && request.method === 'DELETE') {
    const found = world.downtimes.find((downtime) => downtime.id === one[1]);
    if (found) found.attributes.status = 'canceled';
    response.writeHead(found ? 204 : 404).end();
    return true;
  }
  return false;
}
