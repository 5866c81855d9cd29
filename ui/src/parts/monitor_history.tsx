// A monitor's past: which group was in which state when, and who changed the monitor.
import { useCallback, useMemo, useState } from 'react';
import { useResource } from '../api/resource';
import { formatCount } from '../model/format';
import { asList, asNumber, asObject, asText } from '../model/json';
import { bandsOf, readHistory } from '../model/monitor_history';
import { resolveRange, type TimeRange } from '../model/time_range';
import { Label } from './plain';
import { StateBands, TransitionTable } from './state_bands';
import { EmptyState, ErrorState, Loading, StaleNotice } from './states';
import { TimeText } from './time_text';

const kAsked = 5000;

export function MonitorHistory({ id, range }: { id: string; range: TimeRange }) {
  const rangeText = JSON.stringify(range);
  const path = useCallback(() => {
    const { from_s, to_s } = resolveRange(JSON.parse(rangeText) as TimeRange, Math.floor(Date.now() / 1000));
    return `/api/godseye/v1/monitors/${encodeURIComponent(id)}/history?from=${Math.floor(from_s)}&to=${Math.floor(to_s)}&limit=${kAsked}`;
  }, [id, rangeText]);
  const answer = useResource<unknown>(path, { topics: ['monitors'], paused: range.kind === 'fixed', bridge: true });
  const history = useMemo(() => (answer.data === null ? null : readHistory(answer.data)), [answer.data]);
  const bands = useMemo(() => {
    if (!history) return [];
    const from_s = history.complete ? history.from_s : (history.transitions.at(-1)?.time_s ?? history.from_s);
    return bandsOf(history.transitions, from_s, Math.min(history.to_s, Date.now() / 1000));
  }, [history]);
  return (
    <section className="panel stacked" aria-labelledby="history-title" aria-busy={answer.loading}>
      <h2 id="history-title">History</h2>
      <StaleNotice error={history ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
      {history ? (
        history.transitions.length === 0 ? (
          <EmptyState title="No group changed its state in this time range">The groups below keep the states they have.</EmptyState>
        ) : (
          <>
            {!history.complete && (
              <p className="notice notice-warn">
                More than {formatCount(history.transitions.length)} changes: the newest are drawn. Choose a shorter range for the others.
              </p>
            )}
            <StateBands bands={bands} from_s={history.complete ? history.from_s : (history.transitions.at(-1)?.time_s ?? history.from_s)} to_s={Math.min(history.to_s, Date.now() / 1000)} />
            <TransitionTable transitions={history.transitions} />
          </>
        )
      ) : answer.error ? (
        <ErrorState error={answer.error} what="loading the history" retry={answer.reload} />
      ) : (
        <Loading what="the history" rows={4} />
      )}
    </section>
  );
}

const kWords: Readonly<Record<string, string>> = {
  'monitor.create': 'made it',
  'monitor.update': 'changed it',
  'monitor.delete': 'deleted it',
  'monitor.mute': 'muted it',
  'monitor.unmute': 'unmuted it',
};

// Who changed what, newest first. Loaded when it is opened: seldom looked at.
export function MonitorChanges({ id }: { id: string }) {
  const [open, setOpen] = useState(false);
  const answer = useResource<unknown>(open ? `/api/godseye/v1/audit?target=${encodeURIComponent(`monitor:${id}`)}&limit=50` : null, { topics: ['monitors'] });
  const entries = asList(asObject(answer.data)['entries']).map(asObject);
  return (
    <details className="panel stacked folded-panel" onToggle={(event) => setOpen((event.target as HTMLDetailsElement).open)}>
      <summary>
        <h2>Who changed it</h2>
      </summary>
      {answer.data === null && answer.error ? (
        <ErrorState error={answer.error} what="loading the changes" retry={answer.reload} />
      ) : answer.data === null ? (
        <Loading what="the changes" rows={2} />
      ) : entries.length === 0 ? (
        <EmptyState title="Nobody changed it since the audit log begins" />
      ) : (
        <ul className="changes" data-testid="changes">
          {entries.map((one) => {
            const action = asText(one['action']);
            return (
              <li key={asText(one['id'])}>
                <TimeText time_s={asNumber(one['time'])} form="both" /> <Label text={asText(one['actor'])} max={120} /> {kWords[action] ?? action}
                <Difference before={one['before']} after={one['after']} />
              </li>
            );
          })}
        </ul>
      )}
    </details>
  );
}

const kValueChars = 300;

// The fields that differ, old and new; of options one level deeper.
function Difference({ before, after }: { before: unknown; after: unknown }) {
  const rows = differences(asObject(before), asObject(after));
  if (before === undefined || after === undefined || rows.length === 0) return null;
  return (
    <dl className="difference">
      {rows.slice(0, 40).map((row) => (
        <div key={row.name}>
          <dt>{row.name.replaceAll('_', ' ')}</dt>
          <dd>
            <del>
              <Label text={row.before} max={kValueChars} />
            </del>{' '}
            <ins>
              <Label text={row.after} max={kValueChars} />
            </ins>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function differences(before: Record<string, unknown>, after: Record<string, unknown>, deeper = true): { name: string; before: string; after: string }[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const [a, b] = [JSON.stringify(before[name]) ?? '', JSON.stringify(after[name]) ?? ''];
    if (a === b) return [];
    if (deeper && name === 'options') return differences(asObject(before[name]), asObject(after[name]), false);
    return [{ name, before: plain(before[name], a), after: plain(after[name], b) }];
  });
}

const plain = (value: unknown, json: string): string => (typeof value === 'string' ? value : json || '–');
