// All incidents, open ones first; the state filter and nothing else, because a long list here is a problem elsewhere.
import { useEffect, useMemo, useState } from 'react';
import { ApiError, getJson } from '../api/client';
import { useResource } from '../api/resource';
import type { IncidentData, IncidentsAnswer } from '../api/types';
import { kIncidentsPageSize, kIncidentsPath, readIncident, sortIncidents } from '../model/incidents';
import { IncidentRows } from '../parts/incident_rows';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { Link, useSearch } from '../router';

const kTabs = ['open', 'resolved', 'all'] as const;
type Tab = (typeof kTabs)[number];

export function IncidentsPage() {
  const [params, change] = useSearch();
  const tab: Tab = kTabs.find((name) => name === params.get('show')) ?? 'all';
  const first = useResource<IncidentsAnswer>(kIncidentsPath, { topics: ['incidents'] });
  const older = useOlder(first.data);
  const all = useMemo(() => {
    const seen = new Map<string, IncidentData>();
    for (const data of [...older.data, ...(first.data?.data ?? [])]) seen.set(data.id, data); // the newest reading wins
    return sortIncidents([...seen.values()].map(readIncident));
  }, [first.data, older.data]);
  const shown = all.filter((incident) => tab === 'all' || incident.open === (tab === 'open'));
  const counts = { all: all.length, open: all.filter((i) => i.open).length, resolved: all.filter((i) => !i.open).length };

  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>Incidents</h1>
        <div className="segments" role="group" aria-label="Which incidents">
          {kTabs.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={tab === name}
              onClick={() => change((p) => (name === 'all' ? p.delete('show') : p.set('show', name)))}
            >
              {name.charAt(0).toUpperCase() + name.slice(1)}
              <span className="segment-count">
                {counts[name]}
                {older.more && name !== 'open' ? '+' : ''}
              </span>
            </button>
          ))}
        </div>
      </div>
      <StaleNotice error={first.data ? first.error : null} loaded_s={first.loaded_s} retry={first.reload} />
      {first.data ? (
        shown.length > 0 ? (
          <IncidentRows incidents={shown} />
        ) : (
          <Nothing tab={tab} />
        )
      ) : first.error ? (
        <ErrorState error={first.error} what="loading incidents" retry={first.reload} />
      ) : (
        <Loading what="incidents" rows={5} />
      )}
      {older.error && <ErrorState error={older.error} what="loading older incidents" />}
      {older.more && tab !== 'open' && (
        <p className="more">
          <button type="button" disabled={older.loading} onClick={older.load}>
            {older.loading ? 'Loading…' : 'Load older incidents'}
          </button>
        </p>
      )}
    </>
  );
}

function Nothing({ tab }: { tab: Tab }) {
  if (tab === 'open') return <EmptyState title="No incident is open" />;
  return (
    <EmptyState title={tab === 'all' ? 'There has not been an incident yet' : 'No incident has been resolved yet'}>
      A monitor opens one when its message names an <code>@incident-…</code> handle and a group goes to Alert. See{' '}
      <Link to="/monitors">the monitors</Link>.
    </EmptyState>
  );
}

interface Older {
  data: IncidentData[];
  more: boolean;
  loading: boolean;
  error: ApiError | null;
  load: () => void;
}

// Pages after the first, loaded on demand and not refreshed: old incidents hardly change.
function useOlder(first: IncidentsAnswer | null): Older {
  const [data, setData] = useState<IncidentData[]>([]);
  const [offset, setOffset] = useState(kIncidentsPageSize);
  const [ended, setEnded] = useState(false);
  const [loading, setLoading] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const full = (first?.data ?? []).length >= kIncidentsPageSize;
  useEffect(() => {
    if (!loading) return;
    const controller = new AbortController();
    getJson<IncidentsAnswer>(
      `/api/v2/incidents?page[size]=${kIncidentsPageSize}&page[offset]=${offset}`,
      controller.signal,
    ).then(
      (answer) => {
        const found = answer.data ?? [];
        setData((old) => [...old, ...found]);
        setOffset((old) => old + kIncidentsPageSize);
        setEnded(found.length < kIncidentsPageSize);
        setLoading(false);
        setError(null);
      },
      (failed: unknown) => {
        if (controller.signal.aborted) return;
        setError(failed instanceof ApiError ? failed : null);
        setLoading(false);
      },
    );
    return () => controller.abort();
  }, [loading, offset]);
  return { data, more: full && !ended, loading, error, load: () => setLoading(true) };
}
