// The timeline of an incident, oldest first.
import { readTime } from './format';

export interface TimelineEntry {
  key: string;
  time_s: number | null;
  kind: string; // transition, note, change, delivery, comment
  author: string; // empty: it happened by itself
  text: string;
  from: string; // of a transition: the states it went between; else empty
  to: string;
}

export function readTimeline(answer: unknown): TimelineEntry[] {
  const root = answer as { data?: unknown; timeline?: unknown; entries?: unknown } | unknown[] | null;
  const list = Array.isArray(root) ? root : (root?.data ?? root?.timeline ?? root?.entries);
  if (!Array.isArray(list)) return [];
  const entries = list.map((raw: unknown, i): TimelineEntry => {
    const outer = (raw ?? {}) as Record<string, unknown>;
    const entry = { ...outer, ...((outer['attributes'] as Record<string, unknown> | undefined) ?? {}) } as Record<string, unknown>;
    const content = entry['content'];
    const text = typeof content === 'object' && content !== null ? (content as { content?: unknown }).content : content;
    const facts = entry['data'] as Record<string, unknown> | null | undefined;
    return {
      key: String(entry['id'] ?? i),
      time_s: readTime(entry['time_s'] ?? entry['time'] ?? entry['created'] ?? entry['timestamp']),
      kind: String(entry['kind'] ?? entry['cell_type'] ?? 'note'),
      author: typeof entry['author'] === 'string' ? entry['author'] : '',
      text: String(text ?? entry['text'] ?? entry['message'] ?? ''),
      // The other facts of a transition (value, threshold, window) are in its text.
      from: typeof facts?.['from'] === 'string' ? facts['from'] : '',
      to: typeof facts?.['to'] === 'string' ? facts['to'] : '',
    };
  });
  return entries.sort((a, b) => (a.time_s ?? 0) - (b.time_s ?? 0));
}
