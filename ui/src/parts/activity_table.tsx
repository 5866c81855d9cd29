// Sessions or users as rows: who, when, how much, and whether anything was wrong.
import { formatCount, formatMoney, formatValue } from '../model/format';
import type { Activity } from '../model/activity';
import { scoreOf } from '../model/scores';
import { sessionPath, userPath } from '../model/spans_url';
import { Link } from '../router';
import { Label } from './plain';
import { TimeText } from './time_text';

interface ActivityTableProps {
  items: readonly Activity[];
  kind: 'session' | 'user';
  withUser?: boolean;
}

export function ActivityTable({ items, kind, withUser = false }: ActivityTableProps) {
  return (
    <div className="scroll">
      <table className="table cards activity" data-testid={`${kind}s`}>
        <thead>
          <tr>
            <th scope="col">{kind === 'session' ? 'Session' : 'User'}</th>
            {withUser && <th scope="col">User</th>}
            <th scope="col">Last seen</th>
            {kind === 'user' && (
              <th scope="col" className="num">
                Sessions
              </th>
            )}
            <th scope="col" className="num">
              LLM calls
            </th>
            <th scope="col" className="num">
              Tokens
            </th>
            <th scope="col" className="num">
              Cost
            </th>
            <th scope="col">Prompt injection</th>
            <th scope="col" className="num">
              Errors
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <th scope="row">
                <Link to={kind === 'session' ? sessionPath(item.id) : userPath(item.id)}>
                  <Label text={item.id} max={60} />
                </Link>
                {item.blocked && <strong className="tone-bad"> blocked</strong>}
              </th>
              {withUser && (
                <td data-label="User">
                  {item.user_id === '' ? (
                    <span className="muted">–</span>
                  ) : (
                    <Link to={userPath(item.user_id)} className="plain">
                      <Label text={item.user_id} max={40} />
                    </Link>
                  )}
                </td>
              )}
              <td data-label="Last seen" className="nowrap">
                <TimeText time_s={item.last_s} />
              </td>
              {kind === 'user' && (
                <td className="num" data-label="Sessions">
                  {formatCount(item.sessions)}
                </td>
              )}
              <td className="num" data-label="LLM calls">
                {formatCount(item.llm_calls)}
              </td>
              <td className="num" data-label="Tokens">
                {formatValue(item.input_tokens + item.output_tokens)}
              </td>
              <td className="num" data-label="Cost">
                <CostText activity={item} />
              </td>
              <td data-label="Prompt injection">
                <Injection activity={item} />
              </td>
              <td className="num" data-label="Errors">
                <span className={item.errors > 0 ? 'tone-bad' : 'muted'}>{formatCount(item.errors)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

// Money that is known; calls without a price are said, never counted as zero.
export function CostText({ activity }: { activity: Activity }) {
  const { cost_usd, unpriced, llm_calls } = activity;
  if (llm_calls === 0 && (cost_usd ?? 0) === 0) return <span className="muted">–</span>;
  return (
    <>
      {unpriced > 0 && (cost_usd ?? 0) === 0 ? 'unknown' : formatMoney(cost_usd)}
      {unpriced > 0 && <small className="tone-warn">{formatCount(unpriced)} without a price</small>}
    </>
  );
}

export function Injection({ activity }: { activity: Activity }) {
  const { injection_max, suspicious, refused } = activity;
  if (injection_max === null) return <span className="muted">not scored</span>;
  const score = scoreOf('injection', injection_max);
  const counts = [refused > 0 ? `${formatCount(refused)} refused` : '', suspicious > refused ? `${formatCount(suspicious)} suspicious` : ''];
  const said = counts.filter((text) => text !== '').join(', ');
  return (
    <span className={score.tone === 'good' ? 'muted' : `tone-${score.tone}`}>
      {score.text}
      {said === '' ? ` ${score.verdict}` : `, ${said}`}
    </span>
  );
}
