// How the providers behind the gateway do, and what to do about one that does badly.
import { useMemo } from 'react';
import { useNow, useResource } from '../api/resource';
import { formatCount, formatNs, formatPercent, formatSpan } from '../model/format';
import { adviceOf, callTerm, kKeyWarn_s, kProviderStates, kQuotaLow, readProvider, type Provider, type Quota } from '../model/gateway';
import { listIn } from '../model/json';
import { labelText } from '../model/plain_text';
import { callsPath } from '../model/spans_url';
import { Icon } from '../parts/icon';
import { Label } from '../parts/plain';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { TimeText } from '../parts/time_text';
import { ToneBadge } from '../parts/verdict';
import { Link } from '../router';

const kPoll_ms = 5000;
const kStateOrder = ['down', 'failing', 'up', 'unknown'];

export function ProvidersPage() {
  const answer = useResource<unknown>('/api/godseye/v1/gateway/providers', { poll_ms: kPoll_ms });
  const providers = useMemo(
    () =>
      answer.data === null
        ? null
        : listIn(answer.data, 'providers')
            .map(readProvider)
            .sort((a, b) => kStateOrder.indexOf(a.state) - kStateOrder.indexOf(b.state)),
    [answer.data],
  );
  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>Providers</h1>
        {providers && providers.length > 0 && <span className="muted">the last {formatSpan(providers[0]?.window_s ?? 300)}</span>}
      </div>
      <StaleNotice error={providers ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
      {providers ? (
        providers.length > 0 ? (
          <ul className="provider-list" data-testid="providers">
            {providers.map((provider) => (
              <ProviderCard key={provider.name} provider={provider} />
            ))}
          </ul>
        ) : (
          <EmptyState title="No provider is configured">
            Name one when you start the gateway: <code>godseye serve --gateway 127.0.0.1:8081 --provider openai=URL</code>.
          </EmptyState>
        )
      ) : answer.error ? (
        <ErrorState error={answer.error} what="loading providers" retry={answer.reload} />
      ) : (
        <Loading what="providers" rows={6} />
      )}
    </>
  );
}

const ms = (value: number | null): string => formatNs(value === null ? null : value * 1e6);

function ProviderCard({ provider }: { provider: Provider }) {
  const now_s = useNow();
  const advice = adviceOf(provider, now_s);
  const state = kProviderStates[provider.state] ?? { word: provider.state, tone: 'none' as const };
  const failed = provider.requests > 0 ? provider.errors / provider.requests : null;
  return (
    <li className="panel provider">
      <div className="panel-head">
        <h2>
          <Label text={provider.name} max={60} />{' '}
          <small className="muted">
            <Label text={provider.origin} max={100} />
          </small>
        </h2>
        <ToneBadge tone={state.tone} word={labelText(state.word, 30)} title={provider.reason} />
      </div>
      {advice.map((one) => (
        <div key={one.what} className={`advice advice-${one.tone}`}>
          <Icon name={one.tone === 'bad' ? 'alert' : 'warn'} />
          <p>
            <strong>
              <Label text={one.what} max={400} />
            </strong>{' '}
            <Label text={one.next.replace(/`/g, '')} max={500} />
          </p>
        </div>
      ))}
      <dl className="strip">
        <Number name="Calls" value={formatCount(provider.requests)} />
        <Number name="Failed" value={failed === null ? '–' : `${formatCount(provider.errors)} (${formatPercent(failed)})`} bad={(failed ?? 0) > 0.05} />
        <Number name="Rate limited (429)" value={formatCount(provider.rate_limited)} bad={provider.rate_limited > 0} />
        <Number name="Half answer within" value={ms(provider.latency_ms_p50)} />
        <Number name="95 % within" value={ms(provider.latency_ms_p95)} />
        <Number name="First token, 95 %" value={ms(provider.ttft_ms_p95)} />
        <div>
          <dt>Last good answer</dt>
          <dd>
            <TimeText time_s={provider.last_ok_s} />
          </dd>
        </div>
        {provider.last_failed_s !== null && (
          <div>
            <dt>Last failure</dt>
            <dd>
              <TimeText time_s={provider.last_failed_s} />
            </dd>
          </div>
        )}
      </dl>
      {provider.quotas.length > 0 && (
        <section aria-label="Quota">
          <h3>Quota left</h3>
          <ul className="quotas">
            {provider.quotas.slice(0, 12).map((quota) => (
              <QuotaBar key={quota.name} quota={quota} />
            ))}
          </ul>
        </section>
      )}
      {provider.keys.length > 0 && (
        <section aria-label="Keys">
          <h3>Keys</h3>
          <ul className="plain-list">
            {provider.keys.slice(0, 20).map((key) => (
              <li key={key.id}>
                <code>{labelText(key.id, 60)}</code> <span className="muted">from the {labelText(key.source || 'configuration', 30)}</span>{' '}
                {key.expires_s === null ? (
                  <span className="muted">no expiry known</span>
                ) : (
                  <span className={key.expires_s - now_s < kKeyWarn_s ? 'tone-warn' : 'muted'}>
                    {key.expires_s <= now_s ? 'expired' : 'expires'} <TimeText time_s={key.expires_s} form="both" />
                  </span>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      <p className="span-links">
        <Link to={callsPath(callTerm('provider', provider.name))}>Its calls</Link>
        <Link to={callsPath(`${callTerm('provider', provider.name)} status:5xx`)}>Failed ones</Link>
        <Link to={callsPath(`${callTerm('provider', provider.name)} status:429`)}>Rate limited ones</Link>
      </p>
      {provider.models.length > 0 && (
        <details className="folded">
          <summary>Models seen ({formatCount(provider.models.length)})</summary>
          <ul className="model-names">
            {provider.models.slice(0, 100).map((model) => (
              <li key={model}>
                <Link to={callsPath(callTerm('model', model))}>
                  <Label text={model} max={80} />
                </Link>
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

function Number({ name, value, bad = false }: { name: string; value: string; bad?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={bad ? 'tone-bad' : ''}>{value}</dd>
    </div>
  );
}

function QuotaBar({ quota }: { quota: Quota }) {
  const now_s = useNow();
  const share = quota.limit !== null && quota.limit > 0 && quota.remaining !== null ? Math.min(1, quota.remaining / quota.limit) : null;
  return (
    <li className="quota">
      <span className="quota-name">
        <Label text={quota.name} max={40} />
      </span>
      {share !== null && (
        <span className={`quota-bar ${share <= kQuotaLow ? 'low' : ''}`} aria-hidden="true">
          <span style={{ width: `${share * 100}%` }} />
        </span>
      )}
      <span>
        {formatCount(quota.remaining)}
        {quota.limit !== null && ` of ${formatCount(quota.limit)}`}
        {share !== null && ` (${formatPercent(share)})`}
        {quota.resets_s !== null && quota.resets_s > now_s && <small className="muted"> resets in {formatSpan(quota.resets_s - now_s)}</small>}
      </span>
    </li>
  );
}
