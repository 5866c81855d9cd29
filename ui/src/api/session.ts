// Who is signed in, and what they may do. The server knows by a cookie that no script can read; this page holds what it
// says about it, and the token that must go with every change (docs/access.md). Hiding what somebody may not do is a
// courtesy: the server decides.
import { useSyncExternalStore } from 'react';
import { ApiError, getJson, postJson, deleteJson } from './client';
import { forgetKeys, keysChanged, setCsrf, subscribeKeys, subscribeLost } from './keys';
import { asList, asObject, asText } from '../model/json';

export interface Session {
  known: boolean; // the server has answered
  signedIn: boolean;
  kind: string; // user, key, anonymous, nobody
  name: string;
  role: string;
  people: boolean; // there is somebody who could sign in
  permissions: ReadonlySet<string>;
  all: boolean; // a server that knows no roles: everything may be tried
}

const kRetry_ms = 5000;
export const kSessionPath = '/api/godseye/v1/access/session';

const kUnknown: Session = { known: false, signedIn: false, kind: 'nobody', name: '', role: '', people: false, permissions: new Set(), all: true };
let session: Session = kUnknown;
let asking = false;
const listeners = new Set<() => void>();

function set(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

export function readSession(data: unknown): Session {
  const raw = asObject(data);
  return {
    known: true,
    signedIn: raw['signed_in'] === true,
    kind: asText(raw['kind']),
    name: asText(asObject(raw['user'])['handle']) || asText(raw['name']),
    role: asText(raw['role']),
    people: raw['people'] === true,
    permissions: new Set(asList(raw['permissions']).map(asText)),
    all: false,
  };
}

export async function loadSession(): Promise<void> {
  if (asking) return;
  asking = true;
  try {
    const answer = await getJson<unknown>(kSessionPath);
    setCsrf(asText(asObject(answer)['csrf']));
    set(readSession(answer));
  } catch (error) {
    // Without the path: an older server. Without an answer: what was known stays, and pages say that nothing answers.
    const old = error instanceof ApiError && error.kind === 'missing';
    if (old || !session.known) set({ ...kUnknown, known: true, signedIn: true, kind: 'key' });
    if (!old) setTimeout(() => void loadSession(), kRetry_ms);
  } finally {
    asking = false;
  }
}

export function startSession(): Promise<void> {
  subscribeLost(() => void loadSession());
  subscribeKeys(() => void loadSession());
  return loadSession();
}

export async function signIn(handle: string, password: string): Promise<void> {
  await postJson(kSessionPath, { handle, password });
  forgetKeys();
  await loadSession();
  keysChanged();
}

export async function signOut(): Promise<void> {
  await deleteJson(kSessionPath);
  setCsrf('');
  forgetKeys();
  await loadSession();
  keysChanged();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSession(): Session {
  return useSyncExternalStore(subscribe, () => session);
}

export const currentSession = (): Session => session;

// Whether the person may, as far as this page knows.
export function useMay(permission: string): boolean {
  const now = useSession();
  return now.all || now.permissions.has(permission);
}
