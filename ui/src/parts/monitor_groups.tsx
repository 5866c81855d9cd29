// The groups of a monitor and their states. The server cuts pages, so that a hundred thousand groups cost no more than
// fifty.
import { useEffect, useState } from 'react';
import { useResource } from '../api/resource';
import { formatCount, formatValue } from '../model/format';
import { readGroups } from '../model/monitor_history';
import { kStates, type State } from '../model/monitors';
import { StateBadge } from './badge';
import { Pager } from './pager';
import { GroupLink } from './state_bands';
import { EmptyState, ErrorState, Loading, StaleNotice } from './states';
import { TimeText } from './time_text';

const kRows = 20; // trouble sorts first; what is below should not be a long way down
const kTypingPauseMs = 250;

export function MonitorGroups({ id }: { id: string }) {
  const [text, setText] = useState('');
  const [search, setSearch] = useState('');
  const [state, setState] = useState<State | null>(null);
  const [page, setPage] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSearch(text.trim());
      setPage(0);
    }, kTypingPauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  const path = `/api/godseye/v1/monitors/${encodeURIComponent(id)}/groups?page=${page}&per_page=${kRows}&search=${encodeURIComponent(search)}&status=${encodeURIComponent(state ?? '')}`;
  const answer = useResource<unknown>(path, { topics: ['monitors', 'metrics'], bridge: true });
  const read = answer.data === null ? null : readGroups(answer.data);
  const all = read ? [...read.counts.values()].reduce((sum, count) => sum + count, 0) : 0;
  const choose = (next: State | null): void => {
    setState(next);
    setPage(0);
  };
  return (
    <section className="panel stacked" aria-labelledby="groups-title">
      <div className="panel-head">
        <h2 id="groups-title">Groups</h2>
        {read && (read.counts.size > 1 || state !== null) && (
          <div className="segments" role="group" aria-label="State of the group">
            <button type="button" aria-pressed={state === null} onClick={() => choose(null)}>
              All<span className="segment-count">{formatCount(all)}</span>
            </button>
            {kStates
              .filter((name) => read.counts.has(name) || name === state)
              .map((name) => (
                <button key={name} type="button" aria-pressed={state === name} onClick={() => choose(name)}>
                  {name}
                  <span className="segment-count">{formatCount(read.counts.get(name) ?? 0)}</span>
                </button>
              ))}
          </div>
        )}
      </div>
      {read && (read.total > 10 || text !== '') && (
        <input
          type="search"
          className="filter"
          placeholder={`Filter ${formatCount(read.total)} groups`}
          aria-label="Filter groups"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      )}
      <StaleNotice error={read ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
      {read && read.left_out > 0 && (
        <p className="notice notice-warn">
          {formatCount(read.left_out)} more groups are beyond the limit of one monitor and are not watched. Narrow the scope, or group by fewer keys.
        </p>
      )}
      {!read ? (
        answer.error ? (
          <ErrorState error={answer.error} what="loading the groups" retry={answer.reload} />
        ) : (
          <Loading what="the groups" rows={5} />
        )
      ) : read.total === 0 ? (
        <EmptyState title="No group has reported yet">A group appears at the first ten-second cut after its data arrives.</EmptyState>
      ) : read.groups.length === 0 ? (
        <EmptyState title="No group matches this filter" />
      ) : (
        <GroupTable groups={read.groups} />
      )}
      {read && <Pager page={page} pages={Math.max(1, Math.ceil(read.found / kRows))} total={read.found} what="groups" onPage={setPage} />}
    </section>
  );
}

function GroupTable({ groups }: { groups: ReturnType<typeof readGroups>['groups'] }) {
  const withValue = groups.some((row) => row.value !== null);
  return (
    <div className="scroll">
      <table className="table" data-testid="groups">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Group</th>
            {withValue && (
              <th scope="col" className="num">
                Value
              </th>
            )}
            <th scope="col" className="num">
              Since
            </th>
            <th scope="col" className="num wide-only">
              Last triggered
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map((row) => (
            <tr key={row.name}>
              <td>
                <StateBadge state={row.state} />
              </td>
              <td className="wrap-anywhere">
                <GroupLink name={row.name} />
              </td>
              {withValue && <td className="num">{formatValue(row.value)}</td>}
              <td className="num">
                <TimeText time_s={row.since_s} />
              </td>
              <td className="num wide-only">
                <TimeText time_s={row.triggered_s} form="clock" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
