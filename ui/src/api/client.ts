// The one place that talks HTTP. Every failure becomes an ApiError whose `kind` says what a person can do about it.
import { keyHeaders, reportRefused } from './keys';

export type ErrorKind = 'unreachable' | 'timeout' | 'refused' | 'forbidden' | 'invalid' | 'missing' | 'busy' | 'server' | 'unreadable';

export class ApiError extends Error {
  constructor(
    readonly kind: ErrorKind,
    readonly status: number,
    readonly messages: string[],
  ) {
    super(messages[0] ?? kind);
    this.name = 'ApiError';
  }
}

// A query over a day of a million sessions may take seconds; beyond this nobody waits.
const kTimeoutMs = 30_000;

// `alsoOk`: a status that carries an answer of the usual shape (health says 503 when it fails).
export async function getJson<T>(path: string, signal?: AbortSignal, alsoOk?: number): Promise<T> {
  return call<T>('GET', path, undefined, signal, alsoOk);
}

export async function postJson<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return call<T>('POST', path, body, signal);
}

// A file as it is, with its content type.
export async function postBytes<T>(path: string, bytes: Blob, contentType: string): Promise<T> {
  return call<T>('POST', path, undefined, undefined, undefined, { bytes, contentType });
}

export async function putJson<T>(path: string, body: unknown): Promise<T> {
  return call<T>('PUT', path, body);
}

// A document that is no JSON, as it is.
export async function getText(path: string): Promise<string> {
  let text = '';
  await call<unknown>('GET', path, undefined, undefined, undefined, undefined, undefined, { taken: (body) => (text = body) });
  return text;
}

export async function patchJson<T>(path: string, body: unknown): Promise<T> {
  return call<T>('PATCH', path, body);
}

// A document with its version, and back: refused (409) when somebody else changed it meanwhile.
export async function getVersioned<T>(path: string): Promise<{ data: T; version: string }> {
  let version = '';
  const seen = (headers: Headers): void => {
    version = headers.get('etag') ?? '';
  };
  return { data: await call<T>('GET', path, undefined, undefined, undefined, undefined, undefined, { seen }), version };
}

export async function putVersioned<T>(path: string, body: unknown, version: string): Promise<T> {
  const headers: Record<string, string> = version === '' ? {} : { 'If-Match': version };
  return call<T>('PUT', path, body, undefined, undefined, undefined, undefined, { headers });
}

// An erasure answers when everything is gone; the server gives it two minutes.
const kEraseTimeoutMs = 150_000;

export async function deleteJson<T>(path: string): Promise<T> {
  return call<T>('DELETE', path, undefined, undefined, undefined, undefined, kEraseTimeoutMs);
}

async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
  alsoOk?: number,
  raw?: { bytes: Blob; contentType: string },
  timeout_ms = kTimeoutMs,
  more: { headers?: Record<string, string>; seen?: (headers: Headers) => void; taken?: (body: string) => void } = {},
): Promise<T> {
  const limit = AbortSignal.timeout(timeout_ms);
  const init: RequestInit = {
    method,
    headers: {
      Accept: 'application/json',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(raw === undefined ? {} : { 'Content-Type': raw.contentType }),
      ...keyHeaders(),
      ...more.headers,
    },
    credentials: 'same-origin',
    cache: 'no-store',
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(raw === undefined ? {} : { body: raw.bytes }),
  };
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    if (limit.aborted) throw new ApiError('timeout', 0, [`No answer within ${timeout_ms / 1000} seconds.`]);
    throw new ApiError('unreachable', 0, ['The server does not answer.']);
  }
  const text = await response.text();
  more.seen?.(response.headers);
  if (!response.ok && response.status !== alsoOk) throw failure(response.status, text);
  more.taken?.(text);
  if (text === '' || more.taken) return {} as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    if (!response.ok) throw failure(response.status, text);
    throw new ApiError('unreadable', response.status, ['The answer is not JSON.']);
  }
}

// The body as text while it arrives, for answers too large to wait for. The first byte has the usual time limit; after it
// a silence of that length ends the stream with an error.
export function streamText(path: string, signal: AbortSignal): AsyncGenerator<string> {
  return streamed(path, signal, {});
}

// The same for a question that is sent; a model may think for minutes before its first word.
export function streamPost(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<string> {
  return streamed(path, signal, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }, kAnswerTimeoutMs);
}

const kAnswerTimeoutMs = 180_000;

async function* streamed(path: string, signal: AbortSignal, init: RequestInit, silence_ms = kTimeoutMs): AsyncGenerator<string> {
  const silence = new AbortController();
  const late = (): void => silence.abort();
  let timer = setTimeout(late, silence_ms);
  const explain = (): ApiError =>
    silence.signal.aborted
      ? new ApiError('timeout', 0, [`No answer within ${silence_ms / 1000} seconds.`])
      : new ApiError('unreachable', 0, ['The server does not answer.']);
  try {
    const response = await fetch(path, {
      ...init,
      headers: { Accept: 'application/json', ...keyHeaders(), ...(init.headers as Record<string, string> | undefined) },
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.any([signal, silence.signal]),
    }).catch((error: unknown) => {
      throw signal.aborted ? error : explain();
    });
    if (!response.ok) throw failure(response.status, await response.text());
    if (!response.body) return;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      clearTimeout(timer);
      timer = setTimeout(late, silence_ms);
      const { value, done } = await reader.read().catch((error: unknown) => {
        throw signal.aborted ? error : explain();
      });
      if (done) return;
      yield value;
    }
  } finally {
    clearTimeout(timer);
  }
}

function failure(status: number, text: string): ApiError {
  if (status === 401) reportRefused();
  return new ApiError(kindOf(status), status, readErrors(text));
}

export function kindOf(status: number): ErrorKind {
  if (status === 401) return 'refused';
  if (status === 403) return 'forbidden';
  if (status === 404 || status === 405 || status === 501) return 'missing';
  if (status === 429 || status === 503) return 'busy';
  if (status >= 500) return 'server';
  return 'invalid';
}

// v1 `{"errors":["text"]}` and v2 `{"errors":[{"title","detail"}]}`; anything else is shown as it is, cut short.
export function readErrors(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text);
    const errors = (value as { errors?: unknown }).errors;
    if (Array.isArray(errors)) {
      return errors.map((error: unknown) => {
        if (typeof error === 'string') return error;
        const { title, detail } = (error ?? {}) as { title?: unknown; detail?: unknown };
        return [title, detail].filter((part) => typeof part === 'string' && part !== '').join(': ');
      });
    }
  } catch {
    // not JSON: a proxy's page, or nothing at all
  }
  return text.trim() === '' ? [] : [text.trim().slice(0, 300)];
}
