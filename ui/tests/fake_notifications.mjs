// Notification channels and their log as the server answers them, made up.
import { kHostileTexts } from './fake_traces.mjs';

const kBase = '/api/godseye/v1/notifications';

export function makeNotifications(now_s) {
  const [img, , script] = kHostileTexts;
  const channel = (id, kind, name, more = {}) => ({
    id, kind, name, handle: `@${kind}-${name}`, enabled: true, settings: {}, secrets_set: [], rate_per_minute: 60, digest_after: 10, digest_window_s: 30,
    created: now_s - 9000, modified: now_s - 9000,
    health: { state: 'ok', failures_in_a_row: 0, paused_until_ms: 0, last_success_ms: (now_s - 60) * 1000, last_error: '' }, ...more,
  });
  const delivery = (id, state, title, more = {}) => ({
    id, event_id: `e-${id}`, kind: 'slack', channel: 'ops', target: '', state, attempts: 1, created: now_s - 600 + id, done: now_s - 599 + id,
    next_attempt_ms: (now_s + 8) * 1000, last_status: 200, last_error: '', transition_id: id, incident_id: '', title, status: 'Alert', group: '', test: false, ...more,
  });
  return {
    channels: [
      channel(1, 'slack', 'ops', { secrets_set: ['url'] }),
      channel(2, 'mail', 'team', { settings: { host: 'mail.example.com', port: 587, tls: 'starttls', from: 'g@example.com', to: ['ops@example.com', img] }, health: { state: 'paused', failures_in_a_row: 6, paused_until_ms: (now_s + 30) * 1000, last_success_ms: 0, last_error: script } }),
      channel(3, 'webhook', 'pager', { settings: { url: 'https://example.com/hook', encode_as: 'json' }, enabled: false }),
    ],
    deliveries: [
      delivery(3, 'failed', img, { last_error: `answered 404 ${script}`, last_status: 404 }),
      delivery(2, 'pending', '[Triggered on {host:b}] CPU', { attempts: 2, last_error: 'answered 503' }),
      delivery(1, 'delivered', '[Triggered on {host:a}] CPU'),
    ],
    asked: [],
  };
}

export async function answerNotifications(world, path, q, request, response, { send, body }) {
  if (!path.startsWith(kBase)) return false;
  const text = request.method === 'GET' ? '' : await body(request);
  if (request.method !== 'GET') world.asked.push({ method: request.method, path, body: text === '' ? null : JSON.parse(text) });
  const id = Number(/\/(\d+)/.exec(path.slice(kBase.length))?.[1]);
  if (path === `${kBase}/channels` && request.method === 'GET') send(response, 200, { channels: world.channels });
  else if (path === `${kBase}/channels`) {
    const asked = JSON.parse(text);
    if (asked.name === 'taken') send(response, 409, { errors: ['a slack has the name taken already'] });
    else {
      const made = { ...world.channels[0], ...asked, id: 10 + world.channels.length, handle: `@${asked.kind}-${asked.name}`, secrets_set: Object.keys(asked.secrets ?? {}), secrets: undefined };
      world.channels.push(made);
      send(response, 201, made);
    }
  } else if (path.endsWith('/test')) {
    send(response, 200, { delivered: false, status: 404, error: 'answered 404', answer: 'no_service', duration_ms: 12, delivery_id: 9 });
  } else if (path.endsWith('/resend')) {
    world.deliveries.find((one) => one.id === id).state = 'pending';
    send(response, 202, { id });
  } else if (path.startsWith(`${kBase}/channels/`) && request.method === 'DELETE') {
    world.channels = world.channels.filter((one) => one.id !== id);
    response.writeHead(204).end();
  } else if (path.startsWith(`${kBase}/channels/`)) {
    const channel = world.channels.find((one) => one.id === id);
    const { secrets, ...rest } = JSON.parse(text);
    Object.assign(channel, rest);
    send(response, 200, channel);
  } else if (path === `${kBase}/deliveries`) {
    const rows = world.deliveries.filter((one) => (!q.get('state') || one.state === q.get('state')) && (!q.get('channel') || one.channel === q.get('channel')));
    send(response, 200, { deliveries: rows, next_before: 0 });
  } else {
    const row = world.deliveries.find((one) => one.id === id);
    send(response, 200, { ...row, attempt_log: [{ time_ms: Date.now() - 5000, duration_ms: 7, status: 404, error: 'answered 404', answer: '<b>no</b>', together: 1 }] });
  }
  return true;
}
