// The first page of a person who was woken: what is open, whom it names, since when; then whether Godseye itself can be
// believed (monitors evaluated, telemetry arriving, parts healthy).
import { useResource } from '../api/resource';
import type { IncidentsAnswer, Monitor } from '../api/types';
import { formatCount, formatRate } from '../model/format';
import { kIncidentsPath, listedIncidents, openIncidents, readIncident, sortIncidents } from '../model/incidents';
import { rateOf, readHealth, readIngestion, type Health, type Ingestion } from '../model/ingestion';
import { countStates, kStates, readState, type State } from '../model/monitors';
import { StateBadge } from '../parts/badge';
import { HealthLine, kHealthOptions, kHealthPath, useHistory } from '../parts/health_line';
import { IncidentRows } from '../parts/incident_rows';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { TimeText } from '../parts/time_text';
import { Link } from '../router';

const kShownMax = 8;
const kEndedShown = 3;

export function OverviewPage() {
  const incidents = useResource<IncidentsAnswer>(kIncidentsPath, { topics: ['incidents'] });
  const monitors = useResource<Monitor[]>('/api/v1/monitor', { topics: ['monitors'] });
  const ingestion = useResource<unknown>('/api/godseye/v1/ingestion', { topics: ['health'], poll_ms: 5000 });
  const health = useResource<unknown>(kHealthPath, kHealthOptions);
  const open = openIncidents(incidents.data);
  const ended = sortIncidents(listedIncidents(incidents.data).map(readIncident)).filter((incident) => !incident.open);
  const last = ended[0];

  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>{headline(incidents.data, open.length)}</h1>
      </div>
      <StaleNotice error={incidents.data ? incidents.error : null} loaded_s={incidents.loaded_s} retry={incidents.reload} />
      <section aria-label="Open incidents" className="open-incidents">
        {incidents.data ? (
          open.length > 0 ? (
            <>
              <IncidentRows incidents={open.slice(0, kShownMax)} />
              {open.length > kShownMax && (
                <p className="more">
                  <Link to="/incidents">All {open.length} open incidents</Link>
                </p>
              )}
            </>
          ) : (
            <div className="panel calm">
              <p>
                No incident is open.{' '}
                {last ? (
                  <>
                    The last one, <Link to={`/incidents/${encodeURIComponent(last.id)}`}>{last.title}</Link>, ended{' '}
                    <TimeText time_s={last.resolved_s ?? last.opened_s} />.
                  </>
                ) : (
                  'There has not been one yet.'
                )}
              </p>
            </div>
          )
        ) : incidents.error ? (
          <ErrorState error={incidents.error} what="loading incidents" retry={incidents.reload} />
        ) : (
          <Loading what="incidents" rows={2} />
        )}
      </section>

      <div className="columns">
        <section className="panel" aria-labelledby="monitors-title">
          <h2 id="monitors-title">
            <Link to="/monitors" className="plain">
              Monitors
            </Link>
          </h2>
          {monitors.data ? (
            <MonitorCounts monitors={monitors.data} />
          ) : monitors.error ? (
            <ErrorState error={monitors.error} what="loading monitors" retry={monitors.reload} />
          ) : (
            <Loading what="monitors" />
          )}
        </section>
        <section className="panel" aria-labelledby="intake-title">
          <h2 id="intake-title">
            <Link to="/ingestion" className="plain">
              Intake
            </Link>
          </h2>
          {ingestion.data ? (
            <Intake ingestion={readIngestion(ingestion.data)} loaded_s={ingestion.loaded_s} />
          ) : ingestion.error ? (
            <ErrorState error={ingestion.error} what="loading intake counters" retry={ingestion.reload} />
          ) : (
            <Loading what="intake counters" />
          )}
          <HealthOf data={health.data === null ? null : readHealth(health.data)} failed={health.error !== null} />
        </section>
      </div>
      {ended.length > 0 && (
        <section aria-labelledby="ended-title" className="ended">
          <h2 id="ended-title">Ended lately</h2>
          <IncidentRows incidents={ended.slice(0, kEndedShown)} />
        </section>
      )}
    </>
  );
}

function headline(answer: IncidentsAnswer | null, open: number): string {
  if (!answer) return 'Overview';
  if (open === 0) return 'All quiet';
  return open === 1 ? '1 open incident' : `${open} open incidents`;
}

function MonitorCounts({ monitors }: { monitors: Monitor[] }) {
  if (monitors.length === 0) {
    return (
      <EmptyState title="No monitor yet">
        Create one with <code>POST /api/v1/monitor</code>; Datadog's clients and Terraform provider work against it.
      </EmptyState>
    );
  }
  const counts = countStates(monitors.map((monitor) => readState(monitor.overall_state)));
  const shown = kStates.filter((state) => counts.has(state) || kAlwaysShown.includes(state));
  return (
    <ul className="counts">
      {shown.map((state) => {
        const count = counts.get(state) ?? 0;
        return (
          <li key={state}>
            <Link to={`/monitors?state=${encodeURIComponent(state)}`} className={count === 0 ? 'count zero' : 'count'}>
              <span className="count-number">{formatCount(count)}</span>
              <StateBadge state={state} />
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

const kAlwaysShown: readonly State[] = ['Alert', 'Warn', 'OK'];

function Intake({ ingestion, loaded_s }: { ingestion: Ingestion; loaded_s: number | null }) {
  const history = useHistory(ingestion, loaded_s);
  const busy = ingestion.paths.filter((path) => path.events_in > 0);
  if (busy.length === 0) {
    return (
      <EmptyState title="Nothing has arrived yet">
        Point a DogStatsD client at port 8125, or see <Link to="/explorer">the explorer</Link> for a one-line test.
      </EmptyState>
    );
  }
  return (
    <table className="table rates">
      <tbody>
        {busy.map((path) => {
          const rate = rateOf(history, path.name, 'events_in');
          return (
            <tr key={path.name}>
              <th scope="row">{path.label}</th>
              <td className="num">
                <strong>{rate === null ? formatCount(path.events_in) : formatRate(rate)}</strong>{' '}
                <span className="muted">{rate === null ? 'so far' : 'per second'}</span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function HealthOf({ data, failed }: { data: Health | null; failed: boolean }) {
  if (data) return <HealthLine health={data} />;
  return failed ? <p className="health health-bad">Health is unknown: the server does not say.</p> : null;
}
