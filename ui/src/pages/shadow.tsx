// What would have been refused, redacted or blocked while nothing was enforced, with samples to judge it by; and the
// switch that turns enforcement on.
import { useCallback, useMemo } from 'react';
import { changeSettings, kSettingsPath } from '../api/blocks';
import { useResource } from '../api/resource';
import { isShadow, readShadow, ruleText, shadowRoutes, type ShadowRule, type ShadowSample } from '../model/blocks';
import { formatCount } from '../model/format';
import { asObject } from '../model/json';
import { labelText } from '../model/plain_text';
import { apiPath, callPath, pagePath, readSearchState, sessionPath, userPath } from '../model/spans_url';
import { Confirm } from '../parts/confirm';
import { Feedback } from '../parts/feedback';
import { Label, LongText } from '../parts/plain';
import { RangePicker } from '../parts/range_picker';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { TimeText } from '../parts/time_text';
import { Link, navigate, useSearch } from '../router';

const kPoll_ms = 15_000;

export function ShadowPage() {
  const [params] = useSearch();
  const search = params.toString();
  const state = useMemo(() => readSearchState(search), [search]);
  const path = useCallback(() => apiPath('gateway/shadow', { query: '', range: state.range }), [state.range]);
  const answer = useResource<unknown>(path, { poll_ms: kPoll_ms, paused: state.range.kind === 'fixed', bridge: true });
  const settings = useResource<unknown>(kSettingsPath);
  const report = useMemo(() => (answer.data === null ? null : readShadow(answer.data)), [answer.data]);
  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>Shadow mode</h1>
        <RangePicker range={state.range} onChange={(range) => navigate(pagePath('/shadow', { range }))} />
      </div>
      {settings.data !== null && <Enforcement settings={asObject(settings.data)} onChange={settings.reload} />}
      <StaleNotice error={report ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
      {report ? (
        report.rules.length > 0 ? (
          <>
            <p className="sentence">
              {formatCount(report.total)} decisions were only noted in this time. Look at the samples: if they are attacks, turn
              enforcement on; if not, say so.
            </p>
            {report.warnings.map((warning) => (
              <p key={warning} className="notice notice-warn">
                {warning}
              </p>
            ))}
            {report.rules.map((rule) => (
              <RulePanel key={`${rule.rule}/${rule.action}`} rule={rule} />
            ))}
          </>
        ) : (
          <EmptyState title="Nothing would have been stopped in this time">
            In shadow mode the gateway decides as always but enforces nothing; what it would have refused, redacted or blocked is
            counted here, with samples. Choose a longer time, or send it an attack from the <Link to="/playground">playground</Link>.
          </EmptyState>
        )
      ) : answer.error ? (
        <ErrorState error={answer.error} what="loading the shadow report" retry={answer.reload} />
      ) : (
        <Loading what="the shadow report" rows={6} />
      )}
    </>
  );
}

function Enforcement({ settings, onChange }: { settings: Record<string, unknown>; onChange: () => void }) {
  const shadow = isShadow(settings);
  const routes = shadowRoutes(settings);
  return (
    <div className={`notice switch-line ${shadow ? 'notice-warn' : ''}`} data-testid="enforcement">
      <span>
        {shadow ? (
          <>
            Shadow mode is <strong>on</strong>: everything is decided and noted, nothing is enforced.
          </>
        ) : (
          <>
            Enforcement is <strong>on</strong>: what the guards decide takes effect.
          </>
        )}
        {!shadow && routes.length > 0 && (
          <>
            {' '}
            Only watched: <Label text={routes.slice(0, 10).join(', ')} max={200} />.
          </>
        )}
      </span>
      {shadow ? (
        <Confirm
          label="Turn enforcement on…"
          question="From now on attacks are refused and repeated ones blocked, on every gateway."
          yes="Yes, enforce"
          onYes={() => changeSettings({ shadow: false }).then(onChange)}
        />
      ) : (
        <Confirm
          label="Turn shadow mode on…"
          question="Nothing will be refused, redacted or blocked any more, on any gateway. Blocks in force are not enforced either."
          yes="Yes, only watch"
          danger
          onYes={() => changeSettings({ shadow: true }).then(onChange)}
        />
      )}
    </div>
  );
}

const kSamplesShown = 10;

function RulePanel({ rule }: { rule: ShadowRule }) {
  const text = ruleText(rule.rule);
  return (
    <section className="panel" aria-label={`Rule ${labelText(rule.rule, 60)}`} data-testid="shadow-rule">
      <div className="panel-head">
        <h2>
          <Label text={text.charAt(0).toUpperCase() + text.slice(1)} max={80} />
        </h2>
        <span>
          <strong>{formatCount(rule.count)}</strong> <span className="muted">{actionText(rule.action)}</span>
          {rule.sessions !== null && <span className="muted"> in {formatCount(rule.sessions)} sessions</span>}
        </span>
      </div>
      {rule.samples.length === 0 ? (
        <p className="muted">No sample was kept.</p>
      ) : (
        <ul className="samples">
          {rule.samples.slice(0, kSamplesShown).map((sample, i) => (
            <Sample key={sample.call_id === '' ? i : `${sample.call_id}/${i}`} sample={sample} />
          ))}
        </ul>
      )}
    </section>
  );
}

const kActions: Readonly<Record<string, string>> = {
  'message.refused': 'would have been refused',
  'message.redacted': 'would have been redacted',
  'answer.stopped': 'answers would have been stopped',
  'block.set': 'blocks would have been set',
};

function actionText(action: string): string {
  return kActions[action] ?? 'would have been stopped';
}

function Sample({ sample }: { sample: ShadowSample }) {
  return (
    <li className="sample">
      <p className="sample-head">
        {sample.call_id === '' ? (
          <TimeText time_s={sample.time_s} />
        ) : (
          <Link to={callPath(sample.call_id)}>
            <TimeText time_s={sample.time_s} />
          </Link>
        )}
        {sample.score !== null && <span className="muted">score {sample.score.toFixed(2)}</span>}
        {sample.session !== '' && (
          <Link to={sessionPath(sample.session)}>
            <Label text={sample.session} max={40} />
          </Link>
        )}
        {sample.user !== '' && (
          <Link to={userPath(sample.user)} className="plain">
            <Label text={sample.user} max={40} />
          </Link>
        )}
        <Feedback call_id={sample.call_id} session={sample.session} />
      </p>
      {sample.text === '' ? <p className="muted">No text was kept.</p> : <LongText text={sample.text} code first={600} />}
    </li>
  );
}
