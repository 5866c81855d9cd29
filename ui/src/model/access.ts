// Users, keys and sessions as the server tells them, read with care: every text in them was typed by somebody.
import { asList, asObject, asText } from './json';

export interface User {
  id: string; // UUID
  handle: string;
  name: string;
  role: string;
  disabled: boolean;
  status: string; // Active, Pending (no password yet), Disabled
  signedIn_s: number | null;
}

export interface Key {
  id: string;
  name: string;
  last4: string;
  created_s: number | null;
  used_s: number | null;
  scopes: string[] | null; // null: not limited
  owner: string; // UUID; '' nobody
}

export interface Browser {
  id: number;
  created_s: number;
  seen_s: number;
  address: string;
  agent: string;
  here: boolean;
}

export interface Permission {
  name: string;
  text: string;
  least: string;
}

export const kRoles = ['viewer', 'responder', 'editor', 'admin'] as const;

function time_s(value: unknown): number | null {
  const parsed = Date.parse(asText(value));
  return Number.isNaN(parsed) ? null : parsed / 1000;
}

// The ids of the four roles end in 1 to 4.
export function roleOf(id: string): string {
  return kRoles[Number(id.slice(-1)) - 1] ?? 'unknown';
}

export function readUsers(data: unknown): User[] {
  return asList(asObject(data)['data']).map((raw) => {
    const user = asObject(raw);
    const attributes = asObject(user['attributes']);
    const roles = asList(asObject(asObject(user['relationships'])['roles'])['data']);
    return {
      id: asText(user['id']),
      handle: asText(attributes['handle']),
      name: asText(attributes['name']),
      role: roleOf(asText(asObject(roles[0])['id'])),
      disabled: attributes['disabled'] === true,
      status: asText(attributes['status']),
      signedIn_s: time_s(attributes['last_login_time']),
    };
  });
}

export function readKeys(data: unknown): Key[] {
  return asList(asObject(data)['data']).map((raw) => {
    const key = asObject(raw);
    const attributes = asObject(key['attributes']);
    const related = asObject(key['relationships']);
    const owner = asObject(asObject(related['owned_by'] ?? related['created_by'])['data']);
    return {
      id: asText(key['id']),
      name: asText(attributes['name']),
      last4: asText(attributes['last4']),
      created_s: time_s(attributes['created_at']),
      used_s: time_s(attributes['last_used_at']),
      scopes: Array.isArray(attributes['scopes']) ? attributes['scopes'].map(asText) : null,
      owner: asText(owner['id']),
    };
  });
}

export function readBrowsers(data: unknown): Browser[] {
  return asList(asObject(data)['sessions']).map((raw) => {
    const one = asObject(raw);
    return {
      id: Number(one['id']),
      created_s: Number(one['created_s']),
      seen_s: Number(one['seen_s']),
      address: asText(one['address']),
      agent: asText(one['agent']),
      here: one['this'] === true,
    };
  });
}

export function readPermissions(data: unknown): Permission[] {
  return asList(asObject(data)['data']).map((raw) => {
    const attributes = asObject(asObject(raw)['attributes']);
    return { name: asText(attributes['name']), text: asText(attributes['description']), least: asText(attributes['group_name']) };
  });
}

// "Firefox on Linux" out of a User-Agent; what is unknown is shown as it is.
export function browserName(agent: string): string {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari|curl)\//.exec(agent)?.[1];
  if (browser === undefined) return agent === '' ? 'unknown' : agent;
  const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(agent)?.[1];
  const name = { Edg: 'Edge', OPR: 'Opera' }[browser] ?? browser;
  return system === undefined ? name : `${name} on ${system === 'Mac OS X' ? 'macOS' : system}`;
}
