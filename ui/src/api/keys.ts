// What requests carry. The two keys of the management API, for who does not sign in, live in sessionStorage: gone with
// the tab, never in a cookie, never in a URL, sent only as headers to this same origin.

export interface Keys {
  api: string;
  application: string;
}

const kStorageName = 'godseye.keys';

type Listener = () => void;
const listeners = new Set<Listener>();
let needed = false; // the server refused the last call
let version = 0; // counts changes of the keys, so that pages load again

export function readKeys(): Keys | null {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(kStorageName) ?? 'null');
    if (typeof value !== 'object' || value === null) return null;
    const { api, application } = value as Partial<Keys>;
    return typeof api === 'string' && typeof application === 'string' ? { api, application } : null;
  } catch {
    return null; // storage switched off or tampered with: the same as no keys
  }
}

export function saveKeys(keys: Keys): void {
  try {
    sessionStorage.setItem(kStorageName, JSON.stringify(keys));
  } catch {
    memory = keys; // private windows may refuse storage; the keys then last until reload
  }
  keysChanged();
}

let memory: Keys | null = null;
let csrf = ''; // of the browser that is signed in
const lostListeners = new Set<Listener>();

// What goes with every request: that a page of ours asks, the proof of it for changes, and the keys if there are any.
export function keyHeaders(): Record<string, string> {
  const keys = readKeys() ?? memory;
  return {
    'X-Godseye-Page': '1',
    ...(csrf === '' ? {} : { 'X-Godseye-CSRF': csrf }),
    ...(keys ? { 'DD-API-KEY': keys.api, 'DD-APPLICATION-KEY': keys.application } : {}),
  };
}

export function setCsrf(token: string): void {
  csrf = token;
}

export function forgetKeys(): void {
  memory = null;
  try {
    sessionStorage.removeItem(kStorageName);
  } catch {
    // there is none
  }
}

// Who asks is somebody else now: pages load again.
export function keysChanged(): void {
  needed = false;
  version++;
  for (const listener of listeners) listener();
}

// The server does not know who asks (any more).
export function reportRefused(): void {
  for (const listener of lostListeners) listener();
  if (needed) return;
  needed = true;
  for (const listener of listeners) listener();
}

export function subscribeLost(listener: Listener): () => void {
  lostListeners.add(listener);
  return () => lostListeners.delete(listener);
}

export function keysNeeded(): boolean {
  return needed;
}

export function keysVersion(): number {
  return version;
}

export function subscribeKeys(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// Datadog's shapes: 32 and 40 hexadecimal digits. Returns what is wrong, or null.
export function checkKeys(keys: Keys): string | null {
  if (!/^[0-9a-f]{32}$/i.test(keys.api)) return 'The API key has 32 hexadecimal digits.';
  if (!/^[0-9a-f]{40}$/i.test(keys.application)) return 'The application key has 40 hexadecimal digits.';
  return null;
}
