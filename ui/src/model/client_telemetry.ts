// What DogStatsD clients count about themselves (`datadog.dogstatsd.client.*`): the only ones who know what they dropped
// before it reached a socket.
import type { QueryAnswer } from '../api/types';

export interface ClientRow {
  client: string;
  version: string;
  transport: string;
  metrics: number;
  packets_sent: number;
  packets_dropped: number; // by the client: its queue was full, or the socket refused
}

export const kTelemetryRange_s = 3600;
const kBy = '{*} by {client,client_version,client_transport}.as_count()';
const kNames = ['metrics', 'packets_sent', 'packets_dropped'] as const;
export const kTelemetryQuery = kNames.map((name) => `sum:datadog.dogstatsd.client.${name}${kBy}`).join(', ');

// Who dropped most comes first.
export function clientRows(answer: QueryAnswer | null): ClientRow[] {
  const rows = new Map<string, ClientRow>();
  for (const series of answer?.series ?? []) {
    const name = kNames.find((one) => (series.metric ?? '').endsWith(`.${one}`));
    if (!name) continue;
    const tags = new Map((series.tag_set ?? []).map((tag): [string, string] => [tag.slice(0, tag.indexOf(':')), tag.slice(tag.indexOf(':') + 1)]));
    const [client, version, transport] = [tags.get('client') ?? '', tags.get('client_version') ?? '', tags.get('client_transport') ?? ''];
    const key = [client, version, transport].join('\n');
    const row = rows.get(key) ?? { client, version, transport, metrics: 0, packets_sent: 0, packets_dropped: 0 };
    for (const [, value] of series.pointlist ?? []) row[name] += value ?? 0;
    rows.set(key, row);
  }
  return [...rows.values()].sort((a, b) => b.packets_dropped - a.packets_dropped || b.metrics - a.metrics);
}
