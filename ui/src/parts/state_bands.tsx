// States of groups over time: one row a group, one block a state. The picture is for the eye; the table of changes beside
// it says the same in words.
import { useState } from 'react';
import { formatClock, formatCount, formatSpan, formatValue } from '../model/format';
import type { Band, Transition } from '../model/monitor_history';
import { pageOf } from '../model/monitors';
import { attributionPath } from '../model/spans_url';
import { Link } from '../router';
import { StateBadge, stateClass } from './badge';
import { Pager } from './pager';
import { Label } from './plain';
import { TimeText } from './time_text';

const kBandRows = 12;

export function StateBands({ bands, from_s, to_s }: { bands: readonly Band[]; from_s: number; to_s: number }) {
  const [page, setPage] = useState(0);
  const shown = pageOf(bands, page, kBandRows);
  const span = Math.max(1, to_s - from_s);
  const now_s = Date.now() / 1000;
  return (
    <>
      <ul className="bands" data-testid="bands">
        {shown.rows.map((band) => (
          <li key={band.group}>
            <span className="band-name">
              <GroupLink name={band.group} />
            </span>
            <span className="band" role="img" aria-label={bandText(band)}>
              {band.segments.map((one) => (
                <span
                  key={one.from_s}
                  className={`band-part band-${stateClass(one.state)}`}
                  style={{ left: `${((one.from_s - from_s) / span) * 100}%`, width: `max(2px, ${((one.to_s - one.from_s) / span) * 100}%)` }}
                  title={`${one.state}, ${formatClock(one.from_s, now_s)} to ${formatClock(one.to_s, now_s)} (${formatSpan(one.to_s - one.from_s)})`}
                />
              ))}
            </span>
          </li>
        ))}
      </ul>
      <p className="band-axis muted" aria-hidden="true">
        <span>{formatClock(from_s, now_s)}</span>
        <span>{formatClock(to_s, now_s)}</span>
      </p>
      <Pager page={shown.page} pages={shown.pages} total={bands.length} what="groups that changed" onPage={setPage} />
    </>
  );
}

function bandText(band: Band): string {
  const trouble = band.trouble_s > 0 ? `in trouble for ${formatSpan(band.trouble_s)}` : 'never in trouble';
  return `${band.group}: ${trouble}, ${band.changes} changes`;
}

const kTransitionRows = 15;

export function TransitionTable({ transitions }: { transitions: readonly Transition[] }) {
  const [page, setPage] = useState(0);
  const shown = pageOf(transitions, page, kTransitionRows);
  return (
    <details className="folded-panel">
      <summary>
        {formatCount(transitions.length)} {transitions.length === 1 ? 'change' : 'changes'} in words
      </summary>
      <div className="scroll">
        <table className="table cards" data-testid="transitions">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Group</th>
              <th scope="col">What</th>
              <th scope="col" className="num">
                Value
              </th>
              <th scope="col">Notes</th>
            </tr>
          </thead>
          <tbody>
            {shown.rows.map((one, i) => (
              <tr key={`${one.time_s} ${one.group} ${i}`}>
                <th scope="row">
                  <TimeText time_s={one.time_s} form="clock" />
                </th>
                <td data-label="Group" className="wrap-anywhere">
                  <GroupLink name={one.group} />
                </td>
                <td data-label="What">
                  <StateBadge state={one.to} /> {one.kind !== '' && one.kind !== one.to && <span className="muted">{one.kind}</span>}
                </td>
                <td data-label="Value" className="num">
                  {formatValue(one.value)}
                </td>
                <td data-label="Notes" className="wrap-anywhere">
                  {one.notes === '' ? <span className="muted">–</span> : <Label text={one.notes} max={400} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pager page={shown.page} pages={shown.pages} total={transitions.length} what="changes" onPage={setPage} />
    </details>
  );
}

// A group of one session or one user leads to what it did.
export function GroupLink({ name }: { name: string }) {
  const to = attributionPath(name);
  const text = (
    <code>
      <Label text={name} max={200} />
    </code>
  );
  return to === null ? text : <Link to={to}>{text}</Link>;
}
