// Users, keys and sessions of the fake API. `world.access.person` is who is signed in; null with `people` set: nobody is.
import { kHostileTexts } from './fake_traces.mjs';

const kRoles = ['viewer', 'responder', 'editor', 'admin'];
const kLeast = {
  signed_in: 1, metrics_read: 1, timeseries_query: 1, monitors_read: 1, events_read: 1, incident_read: 1, cases_read: 1,
  apm_read: 1, integrations_read: 1, gateway_read: 1, guard_inspect: 1, system_read: 1, user_access_read: 1, user_app_keys: 1,
  monitors_downtime: 2, incident_write: 2, cases_write: 2, gateway_blocks_write: 2, audit_logs_read: 2, monitors_write: 3,
  manage_integrations: 3, gateway_write: 3, gateway_use: 3, catalogues_write: 3, intake_write: 3, user_access_manage: 4,
  api_keys_read: 4, api_keys_write: 4, org_app_keys_read: 4, org_app_keys_write: 4, gateway_keys_write: 4, data_erase: 4,
  backups_write: 4, other_read: 1, other_change: 4,
};
const kBase = '/api/godseye/v1/access/';
export const kPassword = 'correct horse battery';

const uuid = (n) => `11111111-2222-4333-8444-${String(n).padStart(12, '0')}`;

export function makeAccess(now_s) {
  const user = (n, handle, role, more = {}) => ({ n, handle, name: handle, role, disabled: false, pending: false, signed_in_s: now_s - n * 4000, ...more });
  return {
    people: false,
    person: null,
    csrf: 'c'.repeat(64),
    users: [user(1, 'ana', 'admin'), user(2, 'bo@example.com', 'responder'), user(3, 'cy', 'viewer', { disabled: true }), user(4, 'dee', 'editor', { pending: true, signed_in_s: 0, name: kHostileTexts[0] })],
    keys: [key(1, 'application_keys', 'first', null, 0, now_s), key(2, 'application_keys', kHostileTexts[0], ['monitors_read', 'incident_read'], 1, now_s), key(3, 'api_keys', 'first', null, 0, now_s)],
    sessions: [{ id: 1, created_s: now_s - 60, seen_s: now_s, expires_s: now_s + 9000, address: '127.0.0.1', agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0', this: true }, { id: 2, created_s: now_s - 90000, seen_s: now_s - 4000, expires_s: now_s + 9000, address: '192.0.2.7', agent: kHostileTexts[0], this: false }],
    failures: 0,
  };
}

function key(n, type, name, scopes, owner, now_s) {
  return { n, type, name, scopes, owner, made_s: now_s - n * 86_400, used_s: n === 2 ? 0 : now_s - n * 40 };
}

const iso = (time_s) => new Date(time_s * 1000).toISOString();

function userJson(user) {
  const status = user.disabled ? 'Disabled' : user.pending ? 'Pending' : 'Active';
  return {
    id: uuid(user.n), type: 'users',
    attributes: { name: user.name, handle: user.handle, email: user.handle, disabled: user.disabled, status, ...(user.signed_in_s ? { last_login_time: iso(user.signed_in_s) } : {}) },
    relationships: { roles: { data: [{ id: `00000000-0000-4000-8000-00000000000${kRoles.indexOf(user.role) + 1}`, type: 'roles' }] } },
  };
}

function keyJson(one) {
  return {
    id: uuid(one.n), type: one.type,
    attributes: { name: one.name, last4: 'ab1' + (one.n % 10), created_at: iso(one.made_s), ...(one.used_s ? { last_used_at: iso(one.used_s) } : {}), ...(one.type === 'application_keys' ? { scopes: one.scopes } : {}) },
    ...(one.owner ? { relationships: { owned_by: { data: { id: uuid(one.owner), type: 'users' } } } } : {}),
  };
}

function sessionJson(access, keyed) {
  const person = access.person;
  const kind = person ? 'user' : keyed ? 'key' : access.people ? 'nobody' : 'anonymous';
  const level = person ? kRoles.indexOf(person.role) + 1 : kind === 'nobody' ? 0 : 4;
  return {
    signed_in: kind !== 'nobody', kind, name: person?.handle ?? '', csrf: person ? access.csrf : '', people: access.people,
    permissions: Object.keys(kLeast).filter((name) => kLeast[name] <= level),
    ...(person ? { user: { id: person.n, uuid: uuid(person.n), handle: person.handle, name: person.name, role: person.role }, role: person.role } : level ? { role: 'admin' } : {}),
  };
}

// True when it was answered.
export async function answerAccess(world, path, request, response, { send, body }, keyed) {
  const access = world.access;
  const method = request.method;
  const say = (status, value) => (send(response, status, value), true);
  if (path === kBase + 'session' && method === 'GET') {
    const locked = world.keysRequired && !keyed;
    return say(200, locked ? { signed_in: false, kind: 'nobody', people: false, permissions: [], csrf: '' } : sessionJson(access, keyed));
  }
  if (path === kBase + 'session' && method === 'POST') {
    const asked = JSON.parse(await body(request));
    const user = access.users.find((one) => one.handle === asked.handle && !one.disabled);
    if (!user || asked.password !== kPassword) return say(++access.failures > 3 ? 429 : 401, { errors: ['the name or the password is wrong'] });
    access.person = user;
    return say(200, { signed_in: true, csrf: access.csrf });
  }
  if (access.people && !access.person) return say(401, { errors: ['Unauthorized', 'sign in'] });
  if (access.person && !['GET', 'HEAD'].includes(method) && request.headers['x-godseye-csrf'] !== access.csrf) return say(403, { errors: ['Forbidden', 'no token'] });
  if (path === kBase + 'session' && method === 'DELETE') {
    access.person = null;
    return say(200, { signed_in: false });
  }
  if (path === kBase + 'sessions') return say(200, { sessions: access.sessions });
  const ended = /^\/api\/godseye\/v1\/access\/sessions\/(\d+)$/.exec(path);
  if (ended) {
    access.sessions = access.sessions.filter((one) => one.id !== Number(ended[1]));
    return say(200, {});
  }
  if (path === kBase + 'password') {
    const asked = JSON.parse(await body(request));
    return asked.current === kPassword ? say(200, {}) : say(400, { errors: ['current: is not your password'] });
  }
  if (path === kBase + 'users' && method === 'POST') {
    const asked = JSON.parse(await body(request));
    if (access.users.some((one) => one.handle === asked.handle)) return say(409, { errors: [`there is a user ${asked.handle} already`] });
    const user = { n: access.users.length + 1, ...asked, name: asked.name || asked.handle, disabled: false, pending: false, signed_in_s: 0 };
    access.users.push(user);
    return say(201, { ...user, password: 'MadeHere23456789abcd' });
  }
  const changed = /^\/api\/godseye\/v1\/access\/users\/([^/]+)(\/password)?$/.exec(path);
  if (changed) {
    const user = access.users.find((one) => uuid(one.n) === changed[1]);
    if (changed[2]) return say(200, { handle: user.handle, password: 'MadeAgain3456789abcd' });
    const asked = JSON.parse(await body(request));
    if (user.handle === 'ana') return say(400, { errors: ['ana is the last admin: make another one first'] });
    Object.assign(user, asked);
    return say(200, {});
  }
  if (path === '/api/v2/users') return say(200, { data: access.users.map(userJson), meta: { page: { total_count: access.users.length } } });
  if (path === '/api/v2/permissions') return say(200, { data: Object.entries(kLeast).map(([name, least]) => ({ id: name, type: 'permissions', attributes: { name, description: name.replaceAll('_', ' '), group_name: kRoles[least - 1] } })) });
  return answerKeys(access, path, request, say, body);
}

async function answerKeys(access, path, request, say, body) {
  const found = /^\/api\/v2\/(current_user\/application_keys|application_keys|api_keys)(?:\/([^/]+))?$/.exec(path);
  if (!found) return false;
  const type = found[1].endsWith('application_keys') ? 'application_keys' : 'api_keys';
  const own = found[1].startsWith('current_user');
  const me = access.person?.n ?? 0;
  if (found[2] && request.method === 'DELETE') {
    access.keys = access.keys.filter((one) => uuid(one.n) !== found[2]);
    return say(204, {});
  }
  if (request.method === 'POST') {
    const { attributes } = JSON.parse(await body(request)).data;
    const made = key(access.keys.length + 10, type, attributes.name, attributes.scopes ?? null, me, Date.now() / 1000);
    access.keys.push(made);
    const json = keyJson(made);
    return say(201, { data: { ...json, attributes: { ...json.attributes, key: 'f'.repeat(type === 'api_keys' ? 32 : 40) } } });
  }
  const shown = access.keys.filter((one) => one.type === type && (!own || one.owner === me));
  return say(200, { data: shown.map(keyJson), meta: { page: { total_count: shown.length } } });
}
