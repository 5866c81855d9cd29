// Proof of ingestion: what became of the spans of each client, step by step. A span that was accepted and cannot be
// queried for longer than the server allows is a gap.
import { asAmount, asNumber, asObject, asText, listIn } from './json';

export interface ProofRow {
  client: string;
  version: string;
  path: string;
  received: number;
  accepted: number;
  stored: number;
  queryable: number;
  refused: number; // accepted, then refused by the journal: the client was told
  dropped: [reason: string, count: number][]; // largest first
  dropped_total: number;
  on_its_way: number; // stored and not yet queryable
  lost: number; // of the sums: what no column explains
  last_seen_s: number | null;
}

export interface Proof {
  rows: ProofRow[];
  gap: { spans: number; oldest_s: number | null } | null; // null: the server says nothing about gaps
}

export function readProof(answer: unknown): Proof | null {
  const root = asObject(answer);
  const raw = root['spans'] ?? root['clients'] ?? root['proof'] ?? root['ledger'];
  if (raw === undefined) return null;
  const inner = asObject(raw);
  const gap = inner['gap'] ?? root['gap'];
  return {
    rows: listIn(raw, 'rows', 'clients').map(readRow),
    gap: gap === undefined || gap === null ? null : readGap(gap),
  };
}

function readGap(raw: unknown): { spans: number; oldest_s: number | null } {
  const gap = asObject(raw);
  const ms = asNumber(gap['oldest_ms']);
  return { spans: asAmount(typeof raw === 'object' ? gap['spans'] : raw) ?? 0, oldest_s: ms !== null ? ms / 1000 : asNumber(gap['oldest_s']) };
}

function readRow(value: unknown): ProofRow {
  const raw = asObject(value);
  const count = (name: string): number => asAmount(raw[name]) ?? 0;
  const reasons = raw['dropped'];
  const dropped = (Array.isArray(reasons)
    ? reasons.map((one): [string, number] => [asText(asObject(one)['reason']), asAmount(asObject(one)['count'] ?? asObject(one)['spans']) ?? 0])
    : Object.entries(asObject(reasons)).map(([reason, n]): [string, number] => [reason, asAmount(n) ?? 0])
  )
    .filter(([, n]) => n > 0)
    .sort((a, b) => b[1] - a[1]);
  const dropped_total = typeof reasons === 'number' ? reasons : dropped.reduce((sum, [, n]) => sum + n, 0);
  const received = count('received');
  const accepted = count('accepted');
  const stored = count('stored');
  const queryable = count('queryable');
  const refused = count('refused');
  return {
    client: asText(raw['client']),
    version: asText(raw['version'] ?? raw['client_version']),
    path: asText(raw['path']),
    received, accepted, stored, queryable, refused, dropped, dropped_total,
    on_its_way: Math.max(0, stored - queryable),
    lost: Math.max(0, received - accepted - dropped_total) + Math.max(0, accepted - stored - refused),
    last_seen_s: asNumber(raw['last_seen_s']),
  };
}
