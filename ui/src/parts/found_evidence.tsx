// What spans tell of an incident or a case: prompts (masked by the server), traces, conversations. All of it text from
// outside.
import { useResource } from '../api/resource';
import { formatCount, formatMoney, formatNs, formatValue } from '../model/format';
import { asNumber, asObject, asText, asTexts, listIn } from '../model/json';
import { sessionPath, tracePath } from '../model/spans_url';
import { Link } from '../router';
import { Label, LongText } from './plain';
import { EmptyState, ErrorState, Loading } from './states';
import { TimeText } from './time_text';

export function FoundEvidence({ path, topics }: { path: string; topics: readonly ('incidents' | 'cases')[] }) {
  const answer = useResource<unknown>(path, { topics });
  if (answer.data === null) {
    if (answer.error) return <ErrorState error={answer.error} what="looking for evidence" retry={answer.reload} />;
    return <Loading what="the evidence" />;
  }
  const prompts = listIn(answer.data, 'prompts');
  const traces = listIn(answer.data, 'traces');
  const longest = listIn(answer.data, 'longest_sessions');
  const dearest = listIn(answer.data, 'dearest_sessions');
  const warnings = asTexts(asObject(answer.data)['warnings']);
  const nothing = prompts.length + traces.length + longest.length === 0;
  return (
    <div data-testid="found-evidence">
      {nothing && <EmptyState title="No prompts and traces were found">They may be older than spans are kept.</EmptyState>}
      {prompts.length > 0 && (
        <>
          <h3>Prompts that looked like attacks</h3>
          <ul className="evidence-prompts">
            {prompts.map((raw, i) => (
              <Prompt key={i} raw={raw} />
            ))}
          </ul>
        </>
      )}
      {traces.length > 0 && (
        <>
          <h3>Traces</h3>
          <Traces traces={traces} />
        </>
      )}
      <Sessions title="Longest conversations" sessions={longest} />
      <Sessions title="Costliest conversations" sessions={dearest} />
      {warnings.map((text) => (
        <p key={text} className="muted note">
          Left out: <Label text={text} max={300} />
        </p>
      ))}
    </div>
  );
}

function Prompt({ raw }: { raw: unknown }) {
  const prompt = asObject(raw);
  const trace = asText(prompt['trace_id']);
  return (
    <li>
      <p className="muted">
        <TimeText time_s={asNumber(prompt['time_s'])} form="clock" /> · score {formatValue(asNumber(prompt['score']))}
        {prompt['refused'] === true && ' · refused'}
        {trace !== '' && (
          <>
            {' · '}
            <Link to={tracePath(trace)}>trace</Link>
          </>
        )}
      </p>
      <LongText text={asText(prompt['text'])} />
    </li>
  );
}

function Traces({ traces }: { traces: readonly unknown[] }) {
  return (
    <div>
      <table className="evidence-traces">
        <thead>
          <tr>
            <th scope="col">Trace</th>
            <th scope="col">Service</th>
            <th scope="col">Started</th>
            <th scope="col" className="number">
              Duration
            </th>
          </tr>
        </thead>
        <tbody>
          {traces.map((raw) => {
            const trace = asObject(raw);
            const id = asText(trace['trace_id']);
            const duration = asNumber(trace['duration_ms']);
            return (
              <tr key={id}>
                <td>
                  <Link to={tracePath(id)}>
                    <Label text={asText(trace['name']) || id} max={80} />
                  </Link>
                  {trace['error'] === true && <span className="badge badge-bad">error</span>}
                </td>
                <td>
                  <Label text={asText(trace['service'])} max={60} />
                </td>
                <td>
                  <TimeText time_s={asNumber(trace['start_s'])} form="clock" />
                </td>
                <td className="number">{duration === null ? '–' : formatNs(duration * 1e6)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Sessions({ title, sessions }: { title: string; sessions: readonly unknown[] }) {
  if (sessions.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ol className="evidence-sessions">
        {sessions.map((raw) => {
          const session = asObject(raw);
          const id = asText(session['id']);
          return (
            <li key={id}>
              <Link to={sessionPath(id)}>
                <Label text={id} max={80} />
              </Link>{' '}
              <span className="muted">
                {formatCount(asNumber(session['turns']))} turns, {formatMoney(asNumber(session['cost_usd']))}
              </span>
            </li>
          );
        })}
      </ol>
    </>
  );
}
