// One call of the gateway: what was decided and why, what was said (from its span, masked as the application asked), and
// what to do about it.
import { useCallback, useMemo, useState } from 'react';
import { useResource } from '../api/resource';
import { formatCount, formatMoney, formatNs } from '../model/format';
import { callTerm, readCall, troubleOf, verdictWord, type Call } from '../model/gateway';
import { listIn } from '../model/json';
import { labelText } from '../model/plain_text';
import { scoreOf } from '../model/scores';
import { readSpan } from '../model/span';
import { callsPath, idSegment, sessionPath, tracePath, userPath } from '../model/spans_url';
import { BlockForm } from '../parts/block_form';
import { Feedback } from '../parts/feedback';
import { Fact, LlmView } from '../parts/llm_view';
import { CopyButton, Label, LongText } from '../parts/plain';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { TimeText } from '../parts/time_text';
import { ReasonList, VerdictBadge } from '../parts/verdict';
import { Link } from '../router';

export function CallPage({ id }: { id: string }) {
  const answer = useResource<unknown>(`/api/godseye/v1/gateway/calls/${idSegment(id)}`);
  const call = useMemo(() => (answer.data === null ? null : readCall(answer.data)), [answer.data]);
  return (
    <>
      <p className="crumb">
        <Link to="/gateway">Live calls</Link>
      </p>
      <div className="page-head">
        <h1 tabIndex={-1}>
          Call <Label text={id} max={60} />
        </h1>
        <CopyButton text={id} what="the call id" />
      </div>
      <StaleNotice error={call ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
      {call ? (
        <Details call={call} />
      ) : answer.error?.kind === 'missing' ? (
        <EmptyState title="The gateway does not remember this call any longer">
          It remembers the newest few thousand. Its span is stored as long as every trace: look for it in <Link to="/traces">Traces</Link>.
        </EmptyState>
      ) : answer.error ? (
        <ErrorState error={answer.error} what={`loading call ${labelText(id, 40)}`} retry={answer.reload} />
      ) : (
        <Loading what="the call" rows={6} />
      )}
    </>
  );
}

function Details({ call }: { call: Call }) {
  const trouble = troubleOf(call);
  const verdict = verdictWord(call.verdict);
  const injection = call.injection === null ? null : scoreOf('injection', call.injection);
  return (
    <>
      <section className="panel" aria-label="Verdict" data-testid="verdict">
        <p className="sentence call-verdict">
          <VerdictBadge verdict={call.verdict} /> {verdict.means}
          {trouble !== '' && <strong className="tone-bad">{trouble}</strong>}
        </p>
        {call.guard_failed && (
          <p className="notice notice-warn">A guard failed or took too long for this call; the route’s fail mode decided.</p>
        )}
        <ReasonList reasons={call.reasons} />
        {call.sample !== '' && (
          <figure className="sample">
            <figcaption className="muted">What the rule saw, masked</figcaption>
            <LongText text={call.sample} code />
          </figure>
        )}
        {call.error !== '' && trouble !== '' && (
          <div className="notice notice-bad">
            <strong>What went wrong</strong> <Label text={call.error} max={500} />
          </div>
        )}
        <dl className="strip">
          <div>
            <dt>When</dt>
            <dd>
              <TimeText time_s={call.time_s} form="both" />
            </dd>
          </div>
          <Fact name="Status" value={call.status === 0 ? 'the caller left' : String(call.status)} />
          <Fact name="Model" value={call.model} />
          <Fact name="Provider" value={call.provider} />
          <Fact name="Route" value={call.route} />
          <Fact name="Service" value={call.service} />
          <Fact name="Caller" value={call.address} />
          <Fact name="Tokens" value={call.tokens === null ? '' : formatCount(call.tokens)} />
          <Fact name="Cost" value={call.cost_usd === null ? '' : formatMoney(call.cost_usd)} />
          <Fact name="Took" value={call.duration_ms === null ? '' : formatNs(call.duration_ms * 1e6)} />
          <Fact name="First token" value={call.ttft_ms === null ? '' : formatNs(call.ttft_ms * 1e6)} />
          {injection && <Fact name="Prompt injection" value={`${injection.text} ${injection.verdict}`} />}
          {call.quality !== null && <Fact name="Quality" value={call.quality.toFixed(2)} />}
          {call.pii_count !== null && <Fact name="Personal data" value={formatCount(call.pii_count)} />}
        </dl>
        <p className="span-links">
          {call.trace_id !== '' && <Link to={tracePath(call.trace_id, call.span_id)}>Trace</Link>}
          {call.session !== '' && <Link to={sessionPath(call.session)}>Session {labelText(call.session, 40)}</Link>}
          {call.user !== '' && <Link to={userPath(call.user)}>User {labelText(call.user, 40)}</Link>}
          {call.session !== '' && <Link to={callsPath(callTerm('session', call.session))}>All its calls</Link>}
        </p>
      </section>
      <Actions call={call} />
      <Said call={call} />
    </>
  );
}

function Actions({ call }: { call: Call }) {
  const [open, setOpen] = useState(false);
  const who = call.session !== '' ? { kind: 'session', value: call.session } : call.user !== '' ? { kind: 'user', value: call.user } : null;
  const suspect = call.verdict !== 'observe' || (call.injection ?? 0) >= 0.4;
  if (!who && !suspect) return null;
  return (
    <section className="panel" aria-label="What next">
      <h2>What next</h2>
      <div className="actions">
        {who && (
          <button type="button" className="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
            Block this {who.kind}…
          </button>
        )}
        {suspect && <Feedback call_id={call.call_id} session={call.session} />}
        <Link to="/blocks">Blocks in force</Link>
      </div>
      {open && who && <BlockForm kind={who.kind} value={who.value} onDone={() => undefined} />}
    </section>
  );
}

const kPoll_ms = 3000;

// The span is queryable some seconds after the call: until then the page looks again.
function Said({ call }: { call: Call }) {
  const path = useCallback((): string => {
    const at_s = Math.floor(call.time_s ?? Date.now() / 1000);
    const params = new URLSearchParams({
      query: `trace_id:${call.trace_id}`, from: String(at_s - 3600), to: String(at_s + 7200), limit: '50', texts: '1',
    });
    return `/api/godseye/v1/spans?${params.toString()}`;
  }, [call.trace_id, call.time_s]);
  const [found, setFound] = useState(false);
  const answer = useResource<unknown>(call.trace_id === '' ? null : path, { poll_ms: kPoll_ms, paused: found });
  const span = useMemo(() => {
    const spans = listIn(answer.data, 'spans').map(readSpan);
    return spans.find((one) => one.span_id === call.span_id && one.llm) ?? spans.find((one) => one.llm) ?? null;
  }, [answer.data, call.span_id]);
  if (span && !found) setFound(true);
  return (
    <section className="panel" aria-label="What was said">
      <h2>What was said</h2>
      {span?.llm ? (
        <LlmView llm={span.llm} />
      ) : call.trace_id === '' ? (
        <p className="muted">This call has no span.</p>
      ) : answer.error ? (
        <ErrorState error={answer.error} what="loading its span" retry={answer.reload} />
      ) : answer.data === null ? (
        <Loading what="its span" />
      ) : (
        <p className="muted" role="status">
          Its span is not stored yet. Spans can be read some seconds after a call; this page looks again by itself.
        </p>
      )}
    </section>
  );
}
