// What arrives, what is lost and why. Loss is always visible: every path has the same five counters.
import { useResource } from '../api/resource';
import { formatBytes, formatCount, formatRate, formatSpan, formatValue } from '../model/format';
import { rateOf, readHealth, readIngestion, type Fact, type Ingestion } from '../model/ingestion';
import { readProof } from '../model/ingest_proof';
import { pageOf } from '../model/monitors';
import { HealthLine, kHealthOptions, kHealthPath, useHistory } from '../parts/health_line';
import { ClientTelemetry } from '../parts/client_telemetry';
import { IngestProof } from '../parts/ingest_proof';
import { ErrorState, Loading, StaleNotice } from '../parts/states';

export function IngestionPage() {
  const ingestion = useResource<unknown>('/api/godseye/v1/ingestion', { topics: ['health'], poll_ms: 5000 });
  const health = useResource<unknown>(kHealthPath, kHealthOptions);
  const read = ingestion.data === null ? null : readIngestion(ingestion.data);
  const proof = ingestion.data === null ? null : readProof(ingestion.data);
  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>Ingestion</h1>
      </div>
      <StaleNotice error={ingestion.data ? ingestion.error : null} loaded_s={ingestion.loaded_s} retry={ingestion.reload} />
      {health.data !== null && (
        <section className="panel stacked" aria-label="Health">
          <HealthLine health={readHealth(health.data)} />
        </section>
      )}
      {proof && <IngestProof proof={proof} />}
      <ClientTelemetry />
      {read ? (
        <Counters ingestion={read} loaded_s={ingestion.loaded_s} />
      ) : ingestion.error ? (
        <ErrorState error={ingestion.error} what="loading intake counters" retry={ingestion.reload} />
      ) : (
        <Loading what="intake counters" rows={6} />
      )}
    </>
  );
}

function Counters({ ingestion, loaded_s }: { ingestion: Ingestion; loaded_s: number | null }) {
  const history = useHistory(ingestion, loaded_s);
  const rate = (name: string, counter: 'bytes_in' | 'events_in'): string => {
    const value = rateOf(history, name, counter);
    if (value === null) return '–';
    return counter === 'bytes_in' ? `${formatBytes(value)}/s` : `${formatRate(value)}/s`;
  };
  return (
    <>
      <section className="panel stacked" aria-labelledby="paths-title">
        <h2 id="paths-title">Intake paths</h2>
        <div className="scroll">
          <table className="table cards" data-testid="intake">
            <thead>
              <tr>
                <th scope="col">Path</th>
                <th scope="col" className="num">
                  Events in
                </th>
                <th scope="col" className="num">
                  Events out
                </th>
                <th scope="col" className="num">
                  Bytes in
                </th>
                <th scope="col" className="num">
                  Errors
                </th>
                <th scope="col" className="num">
                  Discarded
                </th>
              </tr>
            </thead>
            <tbody>
              {ingestion.paths.map((path) => (
                <tr key={path.name} className={path.events_in === 0 && path.errors_total === 0 ? 'idle' : ''}>
                  <th scope="row">{path.label}</th>
                  <td className="num" data-label="Events in">
                    {formatCount(path.events_in)}
                    <small>{rate(path.name, 'events_in')}</small>
                  </td>
                  <td className="num" data-label="Events out">
                    {formatCount(path.events_out)}
                  </td>
                  <td className="num" data-label="Bytes in">
                    {formatBytes(path.bytes_in)}
                    <small>{rate(path.name, 'bytes_in')}</small>
                  </td>
                  <td className="num" data-label="Errors">
                    <span className={path.errors_total > 0 ? 'lost' : ''}>{formatCount(path.errors_total)}</span>
                    {path.errors.map(([stage, count]) => (
                      <small key={stage}>
                        {stage} {formatCount(count)}
                      </small>
                    ))}
                  </td>
                  <td className="num" data-label="Discarded">
                    <span className={path.discarded > 0 ? 'lost' : ''}>{formatCount(path.discarded)}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <p className="muted note">
          Since the server started. An event is one metric of a datagram, one point of a body or one span; events out are
          those taken, the rest is under errors or discarded.
        </p>
      </section>

      <section className="panel stacked" aria-labelledby="contexts-title">
        <h2 id="contexts-title">Contexts</h2>
        <Contexts ingestion={ingestion} />
      </section>

      <div className="columns">
        <FactPanel title="Journal" facts={ingestion.journal} />
        <FactPanel title="Store" facts={ingestion.store} />
        {ingestion.spans.length > 0 && <FactPanel title="Span intake" facts={ingestion.spans} />}
        {ingestion.http.length > 0 && <FactPanel title="HTTP" facts={ingestion.http} />}
      </div>
    </>
  );
}

const kRefusedShown = 20;

function Contexts({ ingestion }: { ingestion: Ingestion }) {
  const { contexts_active, contexts_max, refused } = ingestion;
  const shown = pageOf(refused, 0, kRefusedShown);
  return (
    <>
      <p>
        {formatCount(contexts_active)} active
        {contexts_max !== null && ` of at most ${formatCount(contexts_max)}`}. A context is one combination of metric name,
        tags and attribution.
      </p>
      {refused.length === 0 ? (
        <p className="muted">No context has been refused.</p>
      ) : (
        <>
          <p className="lost">
            {formatCount(refused.length)} {refused.length === 1 ? 'metric has' : 'metrics have'} had new contexts refused.
            Remove a tag with unbounded values, or raise <code>--contexts-max</code>.
          </p>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Metric</th>
                <th scope="col" className="num">
                  Refused
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.rows.map((entry) => (
                <tr key={entry.metric}>
                  <td className="wrap-anywhere">
                    <code>{entry.metric}</code>
                  </td>
                  <td className="num">{formatCount(entry.refused)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {refused.length > kRefusedShown && <p className="muted">and {formatCount(refused.length - kRefusedShown)} more</p>}
        </>
      )}
    </>
  );
}

function FactPanel({ title, facts }: { title: string; facts: readonly Fact[] }) {
  const id = `facts-${title.toLowerCase().replace(' ', '-')}`;
  return (
    <section className="panel" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {facts.length === 0 ? (
        <p className="muted">The server says nothing about it.</p>
      ) : (
        <dl className="facts">
          {facts.map((fact) => (
            <div key={fact.name}>
              <dt>{words(fact.name)}</dt>
              <dd className={isLoss(fact) ? 'lost' : ''}>{factText(fact)}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

// "bytes_max" → "Bytes max"; units in the name are taken off and shown with the value.
function words(name: string): string {
  const plain = name.replace(/_(ms|s)$/, '').replace(/_/g, ' ');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

function factText({ name, value }: Fact): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (/bytes/.test(name)) return formatBytes(value);
  if (/_ms$/.test(name)) return value < 10_000 ? `${formatValue(value)} ms` : formatSpan(value / 1000);
  if (/_s$/.test(name)) return formatSpan(value);
  return Number.isInteger(value) ? formatCount(value) : formatValue(value);
}

function isLoss({ name, value }: Fact): boolean {
  return typeof value === 'number' && value > 0 && /quarantin|set_aside|refused|torn|corrupt|lost/.test(name);
}
