// One session as a conversation: who said what, what was done in between, how it was judged and what it cost.
import { useMemo, useState } from 'react';
import { useResource } from '../api/resource';
import { activityRange, readSession, type Erased, type SessionDetail } from '../model/activity';
import { conversation, readDetections, type Detection, type Turn } from '../model/conversation';
import { formatCount, formatMoney, formatNs, formatValue } from '../model/format';
import { labelText } from '../model/plain_text';
import { quoteValue } from '../model/search_query';
import { idSegment, pagePath, tracePath } from '../model/spans_url';
import { ActivityStrip } from '../parts/activity_strip';
import { BlockNotice } from '../parts/block_notice';
import { Erase, ErasedNotice } from '../parts/erase';
import { Icon } from '../parts/icon';
import { ChatTurn } from '../parts/llm_view';
import { Label, LongText } from '../parts/plain';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { TimeText } from '../parts/time_text';
import { Link, useSearch } from '../router';

export function SessionPage({ id }: { id: string }) {
  const path = `/api/godseye/v1/sessions/${idSegment(id)}`;
  const [erased, setErased] = useState<Erased | null>(null);
  const answer = useResource<unknown>(erased ? null : path, { topics: ['metrics'] });
  // What somebody erased meanwhile is not shown any longer, although it is still here.
  const gone = erased !== null || answer.error?.kind === 'missing';
  const session = useMemo(() => (answer.data === null || gone ? null : readSession(answer.data)), [answer.data, gone]);
  return (
    <>
      <p className="crumb">
        <Link to="/sessions">Sessions</Link>
      </p>
      <div className="page-head">
        <h1 tabIndex={-1}>
          <Label text={id} />
        </h1>
        <Link to={pagePath('/traces', { query: `@session_id:${quoteValue(id)}`, range: activityRange(session?.summary ?? null) })}>All its spans</Link>
      </div>
      <BlockNotice kind="session" value={id} />
      <StaleNotice error={session ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
      {erased ? (
        <ErasedNotice erased={erased} />
      ) : session ? (
        <Conversation session={session} />
      ) : answer.error ? (
        <ErrorState error={answer.error} what={`loading session ${labelText(id, 40)}`} retry={answer.reload} />
      ) : (
        <Loading what="the session" rows={8} />
      )}
      {session && <Erase path={path} what="session" onDone={setErased} />}
    </>
  );
}

function Conversation({ session }: { session: SessionDetail }) {
  const [params, change] = useSearch();
  const onlyFound = params.get('only') === 'detections';
  const detections = useMemo(() => readDetections(session.detections, session.turns), [session]);
  const turns = useMemo(() => conversation(session.turns, detections), [session.turns, detections]);
  const elsewhere = detections.filter((one) => one.span === null); // in calls beyond those shown
  const found = turns.filter((turn) => turn.detections.length > 0);
  const shown = onlyFound ? found : turns;
  return (
    <>
      <ActivityStrip activity={session.summary} />
      {session.warnings.map((warning) => (
        <p key={warning} className="notice notice-warn">
          {warning}
        </p>
      ))}
      {elsewhere.length > 0 && (
        <ul className="notice notice-bad plain-list" aria-label="Detections in calls that are not shown">
          {elsewhere.slice(0, 50).map((one, i) => (
            <li key={i}>
              <Label text={one.text} />
            </li>
          ))}
        </ul>
      )}
      <div className="trace-tools">
        <div className="segments" role="group" aria-label="Which turns">
          <button type="button" aria-pressed={!onlyFound} onClick={() => change((p) => p.delete('only'))}>
            All turns<span className="segment-count">{formatCount(turns.length)}</span>
          </button>
          <button type="button" aria-pressed={onlyFound} onClick={() => change((p) => p.set('only', 'detections'))}>
            With detections<span className="segment-count">{formatCount(found.length)}</span>
          </button>
        </div>
      </div>
      {shown.length === 0 ? (
        <EmptyState title={turns.length === 0 ? 'No LLM call is stored for this session' : 'Nothing was detected in this session'} />
      ) : (
        <ol className="conversation" data-testid="conversation">
          {shown.map((turn) => (
            <TurnView key={turn.key} turn={turn} number={turns.indexOf(turn) + 1} />
          ))}
        </ol>
      )}
    </>
  );
}

function TurnView({ turn, number }: { turn: Turn; number: number }) {
  const worst = turn.detections[0]?.tone;
  return (
    <li className={`turn ${worst === undefined ? '' : `turn-${worst}`}`}>
      <div className="turn-head">
        <span>
          <strong>Turn {number}</strong>{' '}
          <span className="muted">
            <TimeText time_s={turn.start_ns / 1e9} form="clock" />, took {formatNs(turn.duration_ns)}
          </span>
        </span>
        <span className="turn-facts muted">
          {turn.model !== '' && <Label text={turn.model} max={60} />}
          {turn.tokens !== null && <span>{formatValue(turn.tokens)} tokens</span>}
          {turn.cost_usd !== null && <span>{formatMoney(turn.cost_usd)}</span>}
          {turn.unpriced > 0 && <span className="tone-warn">cost unknown</span>}
          <Link to={tracePath(turn.trace_id, turn.span_id)}>Trace</Link>
        </span>
      </div>
      {turn.detections.length > 0 && <Detections list={turn.detections} />}
      {turn.system !== '' && (
        <details className="folded">
          <summary>System prompt</summary>
          <LongText text={turn.system} />
        </details>
      )}
      <ul className="chat">
        {turn.asked && <ChatTurn message={turn.asked} />}
        {turn.answered.map((message, i) => (
          <ChatTurn key={i} message={message} />
        ))}
      </ul>
      {!turn.asked && turn.answered.length === 0 && (
        <p className="muted">No text is stored for this turn. Text may be switched off for this application.</p>
      )}
      {turn.asked && turn.answered.length === 0 && <p className="muted">No answer is stored.</p>}
      {turn.steps.length > 0 && <Steps turn={turn} />}
    </li>
  );
}

function Detections({ list }: { list: readonly Detection[] }) {
  return (
    <ul className="detections" aria-label="Detections">
      {list.slice(0, 20).map((detection, i) => (
        <li key={i} className={`tone-${detection.tone}`}>
          <Icon name={detection.tone === 'bad' ? 'alert' : 'warn'} />{' '}
          {detection.span ? (
            <Link to={tracePath(detection.span.trace_id, detection.span.span_id)} className="plain">
              <Label text={detection.text} max={300} />
            </Link>
          ) : (
            <Label text={detection.text} max={300} />
          )}
          {detection.reasons.length > 0 && (
            <span className="muted">
              {' '}
              <Label text={detection.reasons.slice(0, 5).join('; ')} max={400} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

const kStepsShown = 100;

function Steps({ turn }: { turn: Turn }) {
  return (
    <details className="folded">
      <summary>
        {formatCount(turn.steps.length)} {turn.steps.length === 1 ? 'step' : 'steps'} in between
      </summary>
      <ul className="plain-list steps">
        {turn.steps.slice(0, kStepsShown).map((step) => (
          <li key={`${step.span.trace_id}/${step.span.span_id}`}>
            <Link to={tracePath(step.span.trace_id, step.span.span_id)}>
              <Label text={step.what} max={120} />
            </Link>{' '}
            <span className="muted">{formatNs(step.span.duration_ns)}</span>
            {step.span.error && <strong className="tone-bad"> failed</strong>}
            {step.documents.length > 0 && (
              <span className="muted">
                {' '}
                found <Label text={step.documents.slice(0, 5).map((one) => one.name || one.id || 'a document').join(', ')} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
