// Loading, empty and failed: each says what is going on and what to do next.
import type { ReactNode } from 'react';
import type { ApiError } from '../api/client';
import { useNow } from '../api/resource';
import { formatAgo } from '../model/format';

export function Loading({ what, rows = 3 }: { what: string; rows?: number }) {
  return (
    <div className="loading" role="status" aria-label={`Loading ${what}`}>
      {Array.from({ length: rows }, (_, i) => (
        <span key={i} className="loading-bar" />
      ))}
    </div>
  );
}

export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children !== undefined && <div className="empty-text">{children}</div>}
    </div>
  );
}

const kAdvice: Readonly<Record<ApiError['kind'], { title: string; advice: string }>> = {
  unreachable: {
    title: 'The server does not answer',
    advice: 'Check that `godseye serve` is running and that this address still leads to it. This page tries again by itself.',
  },
  timeout: {
    title: 'The server took too long',
    advice: 'It may be under heavy load, or the time range is too wide. Try a shorter range, or wait: this page tries again.',
  },
  refused: {
    title: 'The server does not know who asks',
    advice: 'Sign in, or enter an API key and an application key. The first pair was printed when the server first started.',
  },
  forbidden: { title: 'You may not do this', advice: 'Somebody with the role named below can, or can give it to you.' },
  invalid: { title: 'The server did not accept the request', advice: 'What it said is below.' },
  missing: { title: 'Not found', advice: 'It may have been deleted, or this server is too old to know it.' },
  busy: { title: 'The server is busy', advice: 'It is shedding load to keep receiving. This page tries again by itself.' },
  server: {
    title: 'The server failed to answer',
    advice: 'Telemetry is still received while a part is down. See Ingestion for the health of journal and store.',
  },
  unreadable: {
    title: 'The answer could not be read',
    advice: 'Something between this page and the server may be answering in its place, such as a proxy.',
  },
};

export function ErrorState({ error, what, retry }: { error: ApiError; what: string; retry?: () => void }) {
  const { title, advice } = kAdvice[error.kind];
  if (error.kind === 'refused') return <EmptyState title="Waiting for somebody to sign in" />; // the dialog or the sign-in page says the rest
  return (
    <div className="notice notice-bad" role="alert">
      <strong>{title}</strong> <span className="muted">({what})</span>
      <p>{plainCode(advice)}</p>
      {error.messages.length > 0 && <pre className="detail">{error.messages.join('\n')}</pre>}
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

// Beside data that is shown although the last reload failed.
export function StaleNotice({ error, loaded_s, retry }: { error: ApiError | null; loaded_s: number | null; retry: () => void }) {
  const now_s = useNow();
  if (!error || loaded_s === null) return null;
  return (
    <div className="notice notice-warn" role="status">
      <span>
        Not updated: this is from {formatAgo(loaded_s, now_s)}. {kAdvice[error.kind].title}.
      </span>{' '}
      <button type="button" className="quiet" onClick={retry}>
        Try now
      </button>
    </div>
  );
}

function plainCode(text: string): ReactNode[] {
  return text.split('`').map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part));
}
