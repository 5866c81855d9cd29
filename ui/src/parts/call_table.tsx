// Calls of the gateway as rows, the newest first. Each leads to what was said, why it was judged so, and its trace.
import { formatMoney, formatNs, formatValue } from '../model/format';
import { troubleOf, type Call } from '../model/gateway';
import { reasonText } from '../model/guard';
import { scoreOf } from '../model/scores';
import { callPath, sessionPath, userPath } from '../model/spans_url';
import { Link } from '../router';
import { Label } from './plain';
import { TimeText } from './time_text';
import { ToneBadge, VerdictBadge } from './verdict';

export function CallTable({ calls }: { calls: readonly Call[] }) {
  return (
    <div className="scroll">
      <table className="table cards calls" data-testid="calls">
        <thead>
          <tr>
            <th scope="col">Call</th>
            <th scope="col">Verdict</th>
            <th scope="col">Who</th>
            <th scope="col">Model</th>
            <th scope="col">Why</th>
            <th scope="col" className="num">
              Tokens
            </th>
            <th scope="col" className="num">
              Cost
            </th>
            <th scope="col" className="num">
              Took
            </th>
          </tr>
        </thead>
        <tbody>
          {calls.map((call, i) => (
            <Row key={call.call_id === '' ? i : call.call_id} call={call} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ call }: { call: Call }) {
  const trouble = troubleOf(call);
  return (
    <tr>
      <th scope="row" className="nowrap">
        <Link to={callPath(call.call_id)}>
          <TimeText time_s={call.time_s} form="clock" />
        </Link>
      </th>
      <td data-label="Verdict">
        <span className="call-verdict">
          {trouble !== '' && <ToneBadge tone={call.status === 429 || call.status === 0 ? 'warn' : 'bad'} word={trouble.charAt(0).toUpperCase() + trouble.slice(1)} icon="alert" />}
          {(trouble === '' || call.verdict !== 'observe') && <VerdictBadge verdict={call.verdict} />}
          {call.guard_failed && <strong className="tone-warn">guard failed</strong>}
        </span>
      </td>
      <td data-label="Who">
        <Who call={call} />
      </td>
      <td data-label="Model">
        <span>
          <Label text={call.model || '–'} max={40} />
          {call.provider !== '' && (
            <small className="muted">
              {' '}
              <Label text={call.provider} max={30} />
            </small>
          )}
        </span>
      </td>
      <td data-label="Why">
        <Why call={call} />
      </td>
      <td className="num" data-label="Tokens">
        {formatValue(call.tokens)}
      </td>
      <td className="num" data-label="Cost">
        {call.cost_usd === null ? <span className="muted">–</span> : formatMoney(call.cost_usd)}
      </td>
      <td className="num nowrap" data-label="Took">
        {formatNs(call.duration_ms === null ? null : call.duration_ms * 1e6)}
      </td>
    </tr>
  );
}

export function Who({ call }: { call: Call }) {
  if (call.session === '' && call.user === '') return <span className="muted">nobody named</span>;
  return (
    <span>
      {call.session !== '' && (
        <Link to={sessionPath(call.session)}>
          <Label text={call.session} max={40} />
        </Link>
      )}
      {call.user !== '' && (
        <>
          {call.session !== '' && ' '}
          <small>
            <Link to={userPath(call.user)} className="plain">
              <Label text={call.user} max={30} />
            </Link>
          </small>
        </>
      )}
    </span>
  );
}

function Why({ call }: { call: Call }) {
  const score = call.injection === null || call.injection < 0.4 ? null : scoreOf('injection', call.injection);
  const first = call.reasons[0];
  if (first === undefined && score === null) {
    return call.error === '' ? <span className="muted">–</span> : <Label text={call.error} max={80} />;
  }
  return (
    <span>
      {first !== undefined && <Label text={reasonText(first)} max={60} />}
      {call.reasons.length > 1 && <small className="muted"> +{call.reasons.length - 1}</small>}
      {score && (
        <small className={`tone-${score.tone}`}>
          {' '}
          injection {score.text}
        </small>
      )}
    </span>
  );
}
