// Routes without hashes over the History API. A dozen pages need no library; a path is matched by splitting it.
import { useCallback, useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent, type ReactNode } from 'react';

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('popstate', listener);
  };
}

export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (to === location.pathname + location.search) return;
  if (options.replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  for (const listener of listeners) listener();
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

export function useSearch(): [URLSearchParams, (change: (params: URLSearchParams) => void, replace?: boolean) => void] {
  const search = useSyncExternalStore(subscribe, () => location.search);
  const change = useCallback((edit: (params: URLSearchParams) => void, replace = true) => {
    const params = new URLSearchParams(location.search);
    edit(params);
    const text = params.toString();
    navigate(location.pathname + (text === '' ? '' : `?${text}`), { replace });
  }, []);
  return [new URLSearchParams(search), change];
}

export type Route =
  | { page: 'overview' | 'unknown' | ListPage }
  | { page: 'monitor' | 'monitor-edit' | 'incident' | 'case' | 'trace' | 'call'; id: string };

const kListPages = [
  'explorer', 'monitors', 'incidents', 'cases', 'guard', 'ingestion', 'traces', 'sessions', 'users', 'service-map', 'errors',
  'downtimes', 'notifications', 'gateway', 'blocks', 'providers', 'shadow', 'playground', 'system', 'access',
] as const;
type ListPage = (typeof kListPages)[number];

export function matchRoute(path: string): Route {
  const parts = path.split('/').filter((part) => part !== '');
  const [first, id] = parts;
  if (parts.length === 0) return { page: 'overview' };
  if (parts.length === 1) {
    const found = kListPages.find((page) => page === first);
    if (found !== undefined) return { page: found };
  }
  if (first === 'monitors' && id === 'new' && parts.length === 2) return { page: 'monitor-edit', id: '' };
  if (first === 'monitors' && id !== undefined && parts.length === 3 && parts[2] === 'edit') return { page: 'monitor-edit', id: safeDecode(id) };
  if (parts.length === 2 && id !== undefined) {
    const plain = safeDecode(id);
    if (first === 'monitors') return { page: 'monitor', id: plain };
    if (first === 'incidents') return { page: 'incident', id: plain };
    if (first === 'cases') return { page: 'case', id: plain };
    if (first === 'traces') return { page: 'trace', id: plain };
    if (first === 'gateway') return { page: 'call', id: plain };
  }
  return { page: 'unknown' };
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray % in a typed address
  }
}

interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> {
  to: string;
  children: ReactNode;
}

// A real anchor: middle click, copy address and open in new tab work as everywhere.
export function Link({ to, children, ...rest }: LinkProps) {
  const onClick = (event: MouseEvent<HTMLAnchorElement>): void => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={to} onClick={onClick} {...rest}>
      {children}
    </a>
  );
}
